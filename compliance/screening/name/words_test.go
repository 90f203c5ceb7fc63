package name_test

import (
	"testing"

	"github.com/openremit/remit/compliance/screening/name"
)

func TestWordsOfOrganisationsStandForOneAnotherInEachScript(t *testing.T) {
	t.Parallel()
	stands := func(text string) (string, name.Class) {
		t.Helper()
		words, err := name.Read(text, name.Thing)
		if err != nil || len(words) != 1 {
			t.Fatalf("%s is read as %v, error %v", text, words, err)
		}
		return words[0].Stands, words[0].Class
	}
	for _, tt := range []struct {
		class name.Class
		words []string
	}{
		{name.Common, []string{"bank", "банк", "بنك", "بانک", "בנק", "τράπεζα", "银行", "은행"}},
		{name.Common, []string{"university", "университет", "جامعة", "دانشگاه", "πανεπιστήμιο", "大学", "대학"}},
		{name.Common, []string{"shipping", "کشتیرانی", "ναυτιλιακή", "海運", "해운"}},
		{name.Common, []string{"oil", "نفط", "نفت", "πετρέλαιο"}},
		{name.Form, []string{"company", "شرکت", "شركة", "εταιρεία", "חברה", "公司", "회사"}},
		{name.Telling, []string{"russian", "russische", "российский", "руската", "ρωσική"}},
	} {
		want, _ := stands(tt.words[0])
		for _, word := range tt.words {
			if got, class := stands(word); got != want || got == "" || class != tt.class {
				t.Errorf("%s stands for %q as class %d, want %q as class %d", word, got, class, want, tt.class)
			}
		}
	}
}

func TestNamesOfOrganisationsInHanAndHangulAreTakenApart(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"沈忠國際海運有限公司": "shen zhong international shipping company limited", "로은산무역회사": "ro un san trading company",
	} {
		if got := spelled(t, text, name.Thing); got != want {
			t.Errorf("%s is %q, want %q", text, got, want)
		}
	}
	if got := spelled(t, "公司", name.Person); got != "gong si" {
		t.Errorf("a person's name is %q", got)
	}
}
