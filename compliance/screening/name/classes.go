package name

import (
	"embed"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
)

//go:embed data
var dataFiles embed.FS

// phrases finds runs of words that stand for one word.
type phrases struct {
	next map[string]*phrases
	// word is what the run stands for, where one ends here.
	word Word
}

func (p *phrases) add(words []Word, stands Word) {
	for _, w := range words {
		if p.next == nil {
			p.next = map[string]*phrases{}
		}
		deeper := p.next[w.Text]
		if deeper == nil {
			deeper = &phrases{}
			p.next[w.Text] = deeper
		}
		p = deeper
	}
	if p.word.Text == "" {
		p.word = stands
	}
}

// longest returns what the words at the start stand for and how many they are.
func (p *phrases) longest(words []Word) (stands Word, n int) {
	for i, w := range words {
		p = p.next[w.Text]
		if p == nil {
			break
		}
		if p.word.Text != "" {
			stands, n = p.word, i+1
		}
	}
	return stands, n
}

// reference is the name reference data, read once.
type reference struct {
	// things are forms of companies and the common words of their names.
	things phrases
	titles map[string]bool
	nicks  map[string][]string
}

var loaded = sync.OnceValue(func() *reference {
	r, err := loadReference()
	if err != nil {
		panic(err) // The data is part of the program.
	}
	return r
})

func loadReference() (*reference, error) {
	r := &reference{titles: map[string]bool{}, nicks: map[string][]string{}}
	var symbols struct {
		Org     map[string][]string `yaml:"org_symbols"`
		Domains map[string][]string `yaml:"org_domains"`
		Person  map[string][]string `yaml:"person_symbols"`
		Nick    map[string][]string `yaml:"person_nick"`
		Parts   map[string][]string `yaml:"person_name_parts"`
	}
	var types struct {
		Types []struct {
			Generic string   `yaml:"generic"`
			Display string   `yaml:"display"`
			Compare string   `yaml:"compare"`
			Aliases []string `yaml:"aliases"`
		} `yaml:"types"`
	}
	for _, table := range []map[string]string{shortWords, moreWords} {
		for symbol, words := range table {
			class := Common
			if forms[symbol] {
				class = Form
			}
			for word := range strings.FieldsSeq(words) {
				r.addThing(word, Word{Text: symbolText(symbol), Stands: symbolText(symbol), Class: class})
			}
		}
	}
	r.addNative()
	var stop map[string][]string
	for file, into := range map[string]any{"symbols.yml": &symbols, "org_types.yml": &types, "stopwords.yml": &stop} {
		text, err := dataFiles.ReadFile("data/" + file)
		if err != nil {
			return nil, fmt.Errorf("read name data: %w", err)
		}
		if err := yaml.Unmarshal(text, into); err != nil {
			return nil, fmt.Errorf("read name data %s: %w", file, err)
		}
	}
	for _, t := range types.Types {
		generic := strings.ToLower(t.Generic)
		if generic == "" {
			generic = "org"
		}
		for _, alias := range append(t.Aliases, t.Display, t.Compare) {
			r.addThing(alias, Word{Text: "form" + generic, Stands: "form" + generic, Class: Form})
		}
	}
	for _, form := range moreForms {
		r.addThing(form, Word{Text: "formllc", Stands: "formllc", Class: Form})
	}
	for _, group := range []map[string][]string{symbols.Org, symbols.Domains} {
		for _, symbol := range slices.Sorted(maps.Keys(group)) {
			for _, alias := range append(group[symbol], symbol) {
				class := Common
				if forms[symbol] {
					class = Form
				}
				r.addThing(alias, Word{Text: symbolText(symbol), Stands: symbolText(symbol), Class: class})
			}
		}
	}
	for _, titles := range append([][]string{stop["PERSON_NAME_PREFIXES"]}, values(symbols.Person)...) {
		for _, title := range titles {
			if words := fold(title); len(words) == 1 {
				r.titles[words[0].Text] = true
			}
		}
	}
	for _, group := range []map[string][]string{symbols.Nick, symbols.Parts} {
		for _, names := range group {
			r.addNicks(names)
		}
	}
	r.addSpellings()
	return r, nil
}

// shortWords are how forms shorten the common words of companies, which the
// reference data spells out.
var shortWords = map[string]string{
	"trade": "trdg trd tr", "industry": "ind inds indus indl", "intl": "int intnl internatl", "construction": "constr constrn", "shipping": "shpg shp",
	"manufacturing": "mfg mfrs manuf", "eng": "engg engr engrg engin", "transport": "transp trans", "dev": "devt devel", "mgmt": "mgmt mgt",
	"service": "svc svcs serv", "general": "gen genl", "natl": "natl nat", "assoc": "assn", "university": "univ", "electric": "elec", "electronic": "electr",
	"pharmacy": "pharm", "chemical": "chem", "distrib": "distr", "tech": "technol", "bank": "bk bnk", "commercial": "coml comml comm", "investment": "inv invt invts",
	"institute": "inst instit", "research": "res rsch", "scientific": "sci scient", "dept": "dpt", "equipment": "eqpt eqp equip", "fdn": "fdn fndn",
	"center": "ctr cntr", "exchange": "exch xchg", "production": "prod prodn", "gov": "govt", "ministry": "min", "agency": "agcy", "system": "sys syst",
	"insurance": "ins", "aviation": "avn", "agriculture": "agric agri", "financial": "fin", "machine": "mach", "mechanical": "mech", "military": "mil",
	"project": "proj", "committee": "cttee cmte", "authority": "auth", "academy": "acad", "corp": "corpn", "grp": "gp",
}

// moreWords are common words of companies that the reference data does not have.
var moreWords = map[string]string{
	"petrochemical": "petrochemical petrochemicals petchem petrochem", "petroleum": "petroleum petr petrol",
}

// symbolText marks a common word, so that it never is the like of a name.
func symbolText(symbol string) string { return symbol + "0" }

// forms are the words of organisations that tell no more than their form does.
var forms = set("co", "corp", "org", "enterprise", "partner", "private", "public", "kombinat", "named", "socalled", "liquidation")

func values(m map[string][]string) [][]string {
	var out [][]string
	for _, v := range m {
		out = append(out, v)
	}
	return out
}

func (r *reference) addThing(phrase string, stands Word) {
	if words := fold(phrase); len(words) > 0 {
		r.things.add(words, stands)
		var glued strings.Builder
		for _, w := range words {
			glued.WriteString(w.Text)
		}
		if stands.Class == Form && len(words) > 1 && glued.Len() <= 5 {
			r.things.add([]Word{{Text: glued.String()}}, stands) // S.A.R.L., sarl.
		}
	}
}

// addNicks makes the single-word names of a group stand for each other.
func (r *reference) addNicks(names []string) {
	var texts []string
	for _, n := range names {
		if words := fold(n); len(words) == 1 && !words[0].Bare {
			texts = append(texts, words[0].Text)
		}
	}
	for _, a := range texts {
		for _, b := range texts {
			if a != b && !slices.Contains(r.nicks[a], b) {
				r.nicks[a] = append(r.nicks[a], b)
			}
		}
	}
}

// fold reads a phrase of the reference data; what cannot be read is left out.
func fold(phrase string) []Word {
	r := reader{}
	words, err := r.read(phrase)
	if err != nil {
		return nil
	}
	return joinInitials(words)
}

// Same returns the names that may stand for one: Bob and Robert.
func Same(text string) []string { return loaded().nicks[text] }

func classifyThing(words []Word) []Word {
	r := loaded()
	out := words[:0:0]
	for i := 0; i < len(words); {
		w := words[i]
		if stands, n := r.things.longest(words[i:]); n > 0 {
			// The words stay as they are, as they may be mistyped, joined or split.
			for _, w := range words[i : i+n] {
				w.Class = stands.Class
				if n == 1 {
					w.Stands = stands.Stands
				}
				out = append(out, w)
			}
			i += n
			continue
		}
		switch {
		case particles[w.Text]:
			w.Class = Particle
		case len(w.Text) == 1 && w.Text >= "a":
			w.Class = Initial
		}
		out = append(out, w)
		i++
	}
	if len(out) > 1 {
		switch out[0].Text {
		case "mv", "mt", "ms", "ss", "fv":
			out[0].Class = Title
		}
	}
	return out
}

func classifyPerson(words []Word) []Word {
	r := loaded()
	for i := range words {
		w := &words[i]
		switch {
		case len(w.Text) == 1 && w.Text >= "a":
			w.Class = Initial
		case particles[w.Text]:
			w.Class = Particle
		case w.Bare && bareTitles[w.Text] != "":
			*w = Word{Text: bareTitles[w.Text], Class: Title}
		case w.Bare && bareParticles[w.Text] != "":
			*w = Word{Text: bareParticles[w.Text], Class: Particle}
		case titles[w.Text] || r.titles[w.Text]:
			w.Class = Title
		}
	}
	slight := slices.ContainsFunc(words, func(w Word) bool { return w.Class.Slight() })
	if slight && len(words) > 1 && len(words) <= mostHan && allSyllables(words) {
		for i := range words {
			words[i].Class = Telling // An and San are names there.
		}
	}
	return words
}

// particles are small words of names that say little about who it is.
var particles = set("al", "el", "ul", "ur", "as", "az", "ad", "an", "ar", "at", "ash", "bin", "ben", "ibn", "bint", "ould", "wald", "ol",
	"de", "da", "do", "dos", "das", "del", "della", "di", "du", "la", "le", "los", "las", "van", "von", "der", "den", "dela",
	"ter", "ten", "and", "of", "the", "for", "in", "zu", "na", "et", "und", "per", "abu", "abou", "oglu", "ogly", "kizi", "qizi", "uulu",
	"ou", "aka", "fka")

// titles are honorifics beside those of the reference data.
var titles = set("haji", "hajji", "hadji", "hajj", "sheikh", "shaykh", "shaikh", "sheik", "sayyid", "sayyed", "seyed", "sayed", "syed",
	"mullah", "mulla", "maulavi", "mawlawi", "molavi", "maulana", "mawlana", "qari", "hafiz", "ustad", "dr", "mr", "mrs", "ms", "jr", "sr",
	"ii", "iii", "iv", "gen", "col", "maj", "lt", "capt", "eng", "ing", "lic", "hon", "rev", "sir", "prof", "ayatollah", "hojjatoleslam")

// bareTitles and bareParticles are those of Arabic and Persian, which write no short vowels.
var (
	bareTitles = map[string]string{"syd": "sayyid", "syyd": "sayyid", "sydh": "sayyid", "shykh": "sheikh", "haj": "haji", "hajy": "haji", "hajj": "haji", "mla": "mullah",
		"mwlwy": "mawlawi", "mwlana": "mawlana", "qary": "qari", "dktwr": "dr", "dktr": "dr"}
	bareParticles = map[string]string{"bn": "bin", "abn": "ibn", "bnt": "bint", "abw": "abu", "aby": "abu", "wld": "ould"}
)

// moreForms are forms of companies that the reference data spells otherwise.
var moreForms = strings.Split("ooo,oao,zao,pao,ao,tov,prat,pat,at,too,pjsc,ojsc,jsc,cjsc,ojsco,fze,fzco,fzc,dmcc,fz llc,llp,lp,plc,inc,corp,ltd,"+
	"limited,co ltd,company limited,pte ltd,pty ltd,pvt ltd,sdn bhd,bhd,gmbh,gmbh co kg,ag,kg,sa,sas,sarl,srl,spa,sl,sau,sa de cv,s de rl de cv,"+
	"sapi de cv,ltda,eirl,eurl,bv,nv,oy,oyj,ab,asa,aps,as,doo,ad,dd,ood,eood,ead,sro,zrt,kft,nyrt,spzoo,sp z o o,uab,sia,ou,fgup,gup,mchj,sal,"+
	"kk,gk,tbk,pt,cv,psc,wll,bsc,saog,saoc,est,joint stock company,open joint stock company,public joint stock company,closed joint stock company,"+
	"limited liability company,private limited,private joint stock company,federal state unitary enterprise,a s,t l s", ",")
