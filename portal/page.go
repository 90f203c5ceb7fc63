package portal

// Page is what the layout shows around a page's own content.
type Page struct {
	// Title names the page in the tab and, unless the page has its own heading, above it.
	Title string
	// Portal names the portal, Home is where its name leads.
	Portal, Home string
	// Links are the portal's pages that the person may see; none before signing in.
	Links []Link
	// Who is signed in; nil before.
	Who *Who
	// Theme is light, dark or empty for the system's.
	Theme string
	// Path is the page's own address with its query, to come back to.
	Path      string
	RequestID string
	// Notice says what an act did, or why it was refused; nil for nothing.
	Notice *Notice
	// Narrow is for pages that are one form, such as signing in.
	Narrow bool
	Data   any
}

// Link is a page of the portal in its navigation.
type Link struct {
	Href, Text string
	Current    bool
}

// Who is the person at the desk.
type Who struct {
	Name, Role, Tenant string
	// Account and SignOut are where their account is, and where a form signs out.
	Account, SignOut string
}

// Notice is a line above the page.
type Notice struct {
	Tone Tone
	Text string
	// Next leads on, where there is somewhere to go: an address and its words.
	NextHref, NextText string
}
