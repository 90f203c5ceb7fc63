package screening_test

import (
	"testing"

	"github.com/openremit/remit/compliance/screening"
	"github.com/openremit/remit/compliance/screening/list"
)

// kin is an index of parties that share parts of their names with others.
func kin() *screening.Index {
	var all []list.Entry
	add := func(kind list.Kind, id string, names ...list.Name) {
		all = append(all, list.Entry{List: "own-kin", ID: id, Kind: kind, Names: names})
	}
	text := func(s string) list.Name { return list.Name{Text: s} }
	add(list.Person, "kozlov", text("Alexey Vladimirovich KOZLOV"), text("Alexey KOZLOV"))
	add(list.Person, "belousov", text("Vadim Vladimirovich BELOUSOV"))
	add(list.Person, "zubair", text("Abu Zubair"))
	add(list.Person, "wei", list.Name{Text: "WEI, Zhang", Family: "WEI", Given: "Zhang"})
	add(list.Person, "sangho", list.Name{Text: "KIM, Sang-ho", Family: "KIM", Given: "Sang-ho"})
	add(list.Person, "alavi", list.Name{Text: "ALAVI, Hossein", Family: "ALAVI", Given: "Hossein"})
	add(list.Person, "queen", text("Queen Amina"))
	add(list.Person, "mikola", text("Mikola Mikalaevich KARPENKAU"))
	add(list.Company, "zenit", text("Joint Stock Commercial Bank Zenit"))
	add(list.Company, "tech", text("Industrial Technologies Joint Stock Company"))
	add(list.Company, "petrochem", text("Kharg Petrochemical Company"), text("National Bank of Sirtovia"))
	add(list.Vessel, "marine", text("SEA MARINE 1"))
	add(list.Vessel, "lion", text("LION 1"))
	add(list.Vessel, "cp", text("C.P. 33"))
	add(list.Vessel, "lady", text("LADY MARIIA"))
	add(list.Vessel, "reach", text("GOODREACH"))
	add(list.Person, "viktor", text("YANUKOVYCH, Viktor Fedorovych"))
	add(list.Company, "bbr", text("BBR Bank (Joint Stock Company)"))
	add(list.Company, "bridge", text("PV Bridge"))
	add(list.Company, "paekho", text("Paekho Marketing Holdings"))
	add(list.Vessel, "shang", text("SHANG YUAN BAO"))
	add(list.Vessel, "sakina", text("SAKINA"))
	add(list.Company, "mellat", text("Bank Mellat"))
	return screening.NewIndex(all)
}

func TestOtherPeopleWhoShareNames(t *testing.T) {
	t.Parallel()
	x := kin()
	for asked, most := range map[string]int{
		"Alexey Yuryevich Kozlov": 8_999, "Vadim Vladimirovich Nwosu": 8_000, "Zubair Sheikh": 8_999, "Mullah Zubair": 8_999,
		"Zheng Wei": alert, "Young-ho Kim": alert, "Hassan Alavi": alert,
	} {
		if id, score := best(t, x, screening.Query{Names: []string{asked}, Kind: list.Person}); score > most {
			t.Errorf("%s scores %d with %s, want at most %d", asked, score, id, most)
		}
	}
	if id, score := best(t, x, screening.Query{Names: []string{"Tekhniki Company Industry OOO"}, Kind: list.Company}); score > 8_999 {
		t.Errorf("common words of companies score %d with %s", score, id)
	}
	// Queen is no title of a ship.
	if id, score := best(t, x, screening.Query{Names: []string{"Goodreach Queen"}, Kind: list.Vessel}); score >= alert {
		t.Errorf("another ship scores %d with %s", score, id)
	}
}

func TestTheSameNameInOtherWords(t *testing.T) {
	t.Parallel()
	x := kin()
	for _, tt := range []struct {
		asked string
		kind  list.Kind
		want  string
		least int
	}{
		{"Aleksei Vladimirovich Kozlov", list.Person, "kozlov", 9_000},
		{"Alexey Uladzimiravich Kozlov", list.Person, "kozlov", alert},
		{"Nikolai Nikolaevich Karpenkov", list.Person, "mikola", alert},
		{"Zhang Wei", list.Person, "wei", 9_000},
		{"Kim Sangho", list.Person, "sangho", 9_000},
		{"Husein Alavi", list.Person, "alavi", 9_000},
		{"SEAMARINE1", list.Vessel, "marine", 9_000},
		{"LION I", list.Vessel, "lion", 9_000},
		{"CP 33", list.Vessel, "cp", 9_000},
		{"Viktor F. Yanukovych", list.Person, "viktor", 9_000},
		{"V. Yanukovych", list.Person, "viktor", alert},
		{"Viktor Ianukovych", list.Person, "viktor", 8_900},
		{"Bk Mellat", list.Company, "mellat", 9_000},
		{"Paekho Mktg Hldgs", list.Company, "paekho", alert},
		{"Shang Yun Bao", list.Vessel, "shang", 8_000},
		{"Stkina", list.Vessel, "sakina", alert},
		{"Sakona", list.Vessel, "sakina", alert},
		{"Kharg Petrochemicsl Co", list.Company, "petrochem", 9_000},
		{"BBR Nank (Joint Stock Company)", list.Company, "bbr", alert},
		{"ПВ Бридж", list.Company, "bridge", 9_000},
		{"ADY MARIIA", list.Vessel, "lady", 5_000},
		{"Kharg Petchem Co", list.Company, "petrochem", 9_000},
		{"Natl Bk of Sirtovia", list.Company, "petrochem", 9_000},
	} {
		if id, score := best(t, x, screening.Query{Names: []string{tt.asked}, Kind: tt.kind}); id != tt.want || score < tt.least {
			t.Errorf("%s scores %d with %q, want %s with at least %d", tt.asked, score, id, tt.want, tt.least)
		}
	}
}
