// Package list reads sanctions lists into [Entry] values and keeps them up to
// date on the disk.
//
// [Read] reads whatever list files a folder holds, each recognised by its
// content and not by its name, plain or compressed with gzip:
//
//   - OFAC's SDN list and consolidated list: the legacy CSV (sdn.csv, alt.csv,
//     add.csv and comments), the legacy XML and the advanced XML
//   - the consolidated list of the United Nations, in XML
//   - the Financial Sanctions Files of the European Union, in CSV and XML, and
//     the table of names that some make of them
//   - the UK sanctions list, in CSV, and the five tables that some make of it
//   - OpenSanctions' targets.simple.csv
//   - lists of one's own, in CSV or JSON
//
// [Update] fetches the official lists, checks them, and puts them in force
// beside each other; [Current] opens those in force. What is malformed, not
// complete or shrunk is refused whole, with the file, the line and the reason.
//
// # Lists of one's own
//
// A CSV file has a heading with the fields list, id, name, from, owner and
// approved_by, and any of kind, aliases, weak_aliases, former_names, births,
// countries, birth_countries, documents, gender, wallets, programs, remarks and
// until. "|" stands between several values of one field:
//
//	list,id,kind,name,aliases,births,documents,from,until,owner,approved_by
//	fraud,F-1,person,Erika Mustermann,Erika Gabler,1964-08-12|~1963,passport:C01X00T47:DE,2026-01-01,2026-12-31,fraud desk,head of compliance
//
// A JSON file has the same fields, with arrays for those that may have several
// values; list, owner and approved_by may be said once for the whole file:
//
//	{"list": "fraud", "owner": "fraud desk", "approved_by": "head of compliance", "entries": [
//	  {"id": "F-1", "kind": "person", "name": "Erika Mustermann", "births": ["1964-08-12"], "from": "2026-01-01"}]}
//
// The list is named "own-fraud" then. Dates of birth are written 1964-08-12,
// 1964-08, 1964, 1961..1963 or ~1963, documents TYPE:NUMBER or
// TYPE:NUMBER:COUNTRY with a type of [Document]. An entry is in force from the
// day from to the day until, both included; who owns an entry and who approved
// it must not be the same. Anything else in such a file is an error.
//
// # Example
//
//	updated, err := list.Update(ctx, "/var/lib/remit/lists", list.FetchHTTP(client, list.OfficialSources()), list.Settings{})
//	folder, err := list.Current("/var/lib/remit/lists")
//	lists, err := list.Read(folder)
package list
