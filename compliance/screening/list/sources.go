package list

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"net/http"
)

// Source is where one list comes from.
type Source struct {
	// List is the name of the list that the files make.
	List  string
	Files []SourceFile
}

// SourceFile is one file of a source.
type SourceFile struct {
	// Name is what the file is stored as; unique among all sources.
	Name string
	// URL is where the file is published.
	URL string
	// Optional says that the source may be without the file.
	Optional bool
}

// OfficialSources are the lists at the addresses at which their issuers publish
// them: OFAC's two, the United Nations, the European Union and the United
// Kingdom. The EU's address holds a token that it gives to everybody.
func OfficialSources() []Source {
	const (
		ofac = "https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports/"
		un   = "https://scsanctions.un.org/resources/xml/en/consolidated.xml"
		eu   = "https://webgate.ec.europa.eu/fsd/fsf/public/files/xmlFullSanctionsList_1_1/content?token=dG9rZW4tMjAxNw"
		uk   = "https://sanctionslist.fcdo.gov.uk/docs/UK-Sanctions-List.csv"
	)
	return []Source{
		{sdn, []SourceFile{
			{"sdn.csv", ofac + "SDN.CSV", false}, {"alt.csv", ofac + "ALT.CSV", false}, {"add.csv", ofac + "ADD.CSV", false},
			{"sdn_comments.csv", ofac + "SDN_COMMENTS.CSV", true},
		}},
		{consolidated, []SourceFile{
			{"cons_prim.csv", ofac + "CONS_PRIM.CSV", false}, {"cons_alt.csv", ofac + "CONS_ALT.CSV", false}, {"cons_add.csv", ofac + "CONS_ADD.CSV", false},
			{"cons_comments.csv", ofac + "CONS_COMMENTS.CSV", true},
		}},
		{"un", []SourceFile{{"un.xml", un, false}}},
		{"eu", []SourceFile{{"eu.xml", eu, false}}},
		{"uk", []SourceFile{{"uk.csv", uk, false}}},
	}
}

// Fetch returns one list file by its name. For a file that the source does not
// have it returns an error that wraps fs.ErrNotExist.
type Fetch func(ctx context.Context, name string) (io.ReadCloser, error)

// FetchHTTP fetches the files of sources from their addresses. The client
// decides about proxies and time limits.
func FetchHTTP(client *http.Client, sources []Source) Fetch {
	urls := map[string]string{}
	for _, source := range sources {
		for _, f := range source.Files {
			urls[f.Name] = f.URL
		}
	}
	return func(ctx context.Context, name string) (io.ReadCloser, error) {
		url, ok := urls[name]
		if !ok || url == "" {
			return nil, fmt.Errorf("fetch %s: no address: %w", name, fs.ErrNotExist)
		}
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return nil, fmt.Errorf("fetch %s: %w", name, err)
		}
		request.Header.Set("User-Agent", "remit")
		response, err := client.Do(request)
		if err != nil {
			return nil, fmt.Errorf("fetch %s: %w", name, err)
		}
		if response.StatusCode == http.StatusOK {
			return response.Body, nil
		}
		response.Body.Close() // The status already tells what is wrong.
		if response.StatusCode == http.StatusNotFound {
			return nil, fmt.Errorf("fetch %s: %s: %w", name, response.Status, fs.ErrNotExist)
		}
		return nil, fmt.Errorf("fetch %s: %s", name, response.Status)
	}
}
