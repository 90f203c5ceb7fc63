package list_test

import (
	"fmt"
	"testing/fstest"

	"github.com/openremit/remit/compliance/screening/list"
)

func ExampleRead() {
	folder := fstest.MapFS{"fraud.csv": {Data: []byte(`list,id,kind,name,births,from,owner,approved_by
fraud,F-1,person,Erika Mustermann,1964-08-12|~1963,2026-01-01,fraud desk,head of compliance
`)}}
	lists, err := list.Read(folder)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, l := range lists.Lists {
		for _, e := range l.Entries {
			fmt.Println(l.Name, e.ID, e.Kind, e.Names[0].Text, e.Births[0].From, e.Births[1].Circa, e.InForce(list.Date{Year: 2025, Month: 12, Day: 31}))
		}
	}
	// Output: own-fraud F-1 person Erika Mustermann 1964-08-12 true false
}
