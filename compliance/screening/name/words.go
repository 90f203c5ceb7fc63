package name

import (
	"maps"
	"slices"
	"strings"
)

// The common words of organisations are translated in their names: who asks for one
// in another script writes the words of that language. They stand for the symbols
// of the reference data; Arabic words are without their article.

// nativeWords are words that say little about which organisation it is.
var nativeWords = map[string]string{
	"bank": "בנק بنك بانک مصرف τράπεζα τράπεζας банкова", "co": "شرکت شركة شرکتهای εταιρεία εταιρία εταιρείας дружество фирма חברת חברה",
	"grp":       "گروه مجموعة групата група группировка όμιλος ομίλου ομάδα",
	"industry":  "صنايع صنایع صنعت صنعتی صنعتي صناعة صناعية صناعات βιομηχανία βιομηχανίες βιομηχανίας βιομηχανικός βιομηχανική βιομηχανικό βιομηχανιών промишленост промишлен промишлена промышленный промышленная промышленное промышленность",
	"trade":     "تجارت بازرگانی تجارة تجارية تجارتی εμπόριο εμπορίου търговия търговска търговско",
	"shipping":  "کشتیرانی ملاحة ναυτιλία ναυτιλιακή ναυτιλίας корабоплаване мореплаване",
	"oil":       "نفت نفط نفتی πετρέλαιο πετρελαίου петрол нефт нафта нефтяной нефтяное",
	"petroleum": "πετρελαϊκή петролна", "petrochemical": "پتروشیمی بتروكيماويات πετροχημικά πετροχημική нефтохимическая нефтохимически нефтехимический нефтехимическая нефтехимическое",
	"factory": "کارخانه مصنع εργοστάσιο заводи מפעל", "institute": "معهد موسسه مؤسسه института", "fdn": "بنیاد مؤسسة фондация ίδρυμα קרן",
	"org": "سازمان منظمة οργάνωση οργανισμός ארגון", "ministry": "وزارت وزارة υπουργείο υπουργείου משרד", "university": "دانشگاه جامعة πανεπιστήμιο πανεπιστημίου אוניברסיטת אוניברסיטה",
	"center": "مرکز център центъра κέντρο κέντρου מרכז", "research": "تحقیقات پژوهش پژوهشگاه پژوهشی أبحاث بحوث изследвания изследователски изследователска ερευνών έρευνας ερευνητικό исследований исследовательская",
	"scientific": "علمی علمية научни научен επιστημονικό επιστημονικών", "tech": "فناوری تکنولوژی تكنولوجيا технологични технологичен τεχνολογίας τεχνολογιών τεχνολογία",
	"construction": "ساختمانی سازندگی عمران إنشاءات مقاولات строителство строителна κατασκευές κατασκευών κατασκευαστική", "eng": "مهندسی هندسة هندسية инженеринг инженерна μηχανικής",
	"intl": "بینالمللی بين‌المللي دولية عالمية международен международна международно международни международный международная международное международные διεθνής διεθνές міжнародний",
	"natl": "ملی وطنية وطني национален национална национално националната национални εθνική εθνικό εθνικής", "insurance": "بیمه تأمين застраховане застрахователна ασφαλιστική страхование страховое страховая",
	"airline": "هواپیمایی авиолинии авиокомпания αερογραμμές αεροπορικές", "aviation": "طيران هوایی авиационен авиационна αεροπορική αεροπορία", "transport": "نقل транспортен μεταφορές μεταφορών",
	"energy": "انرژی طاقة енергия енергийна ενέργεια ενέργειας", "steel": "فولاد حديد стомана χάλυβα χαλυβουργία", "mining": "معادن معدنی تعدين минна μεταλλευτική",
	"investment": "سرمایه‌گذاری سرمایهگذاری استثمار استثمارات инвестиционна επενδύσεις επενδύσεων επενδυτική", "dev": "توسعه تنمية ανάπτυξης", "service": "خدمات услуги υπηρεσίες υπηρεσία υπηρεσιών",
	"general": "عامة عمومی генерална генерален γενική γενικό", "central": "مرکزی مركزي централна централен централно κεντρική κεντρικό κεντρικής",
	"military": "نظامی عسكرية военен военна военно военни военная военное στρατιωτική στρατιωτικό", "defence": "دفاع دفاعی отбрана отбранителни отбранителна обороны άμυνα άμυνας",
	"army": "ارتش جيش армията στρατός στρατού", "police": "پلیس شرطة полицията αστυνομίας", "islamic": "اسلامی اسلامي إسلامية إسلامي اسلامية ислямска ислямски ислямско ислямската ισλαμική ισλαμικό ισλαμικής",
	"repu": "جمهوری جمهورية република републиката δημοκρατία δημοκρατίας", "revolutionary": "انقلاب ثورة революция революцията επανάσταση επανάστασης επαναστατική революционна",
	"committee": "کمیته لجنة επιτροπή", "union": "اتحاد съюз ένωση", "exchange": "صرافی صرافة", "security": "امنیت امنیتی أمن сигурност ασφάλεια ασφάλειας",
	"intel": "اطلاعات مخابرات استخبارات разузнаване разузнавателно πληροφοριών", "electronic": "الکترونیک الكترونية електроника ηλεκτρονική ηλεκτρονικών", "chemical": "شیمیایی كيميائية химическа химически χημική χημικών",
	"media": "رسانه إعلام медия медийна медии", "prison": "زندان затвор колония φυλακή", "gov": "دولتی حكومية държавен държавна държавно κρατική κρατικό κρατικής дзяржаўнае",
	"enterprise": "επιχείρηση επιχειρήσεις прадпрыемства", "maritime": "دریایی بحرية ναυτική θαλάσσιες θαλάσσια морски морска", "machine": "машиностроене машиностроителен",
	"design": "конструкторско конструкторское проектантско", "agency": "агенция υπηρεσιακή", "farm": "חווה חוות החווה ферма",
}

// placeWords are how languages call the places that names of organisations have. They
// tell as much as they are rare, unlike the words above.
var placeWords = map[string]string{
	"russia":  "russia russian rossiya rossii rossiyskiy rossiyskaya russe russes russa russo rusa ruso rus ruska ruske ruski ruský russische russischen russisk ryska venäjän россия россии российский российская российской русский руски руска руската руските руския ρωσία ρωσίας ρωσική ρωσικής ρωσικές روسيا روسية روسیه",
	"iran":    "iran iranian iraní iranien iranienne iraniana iranische ایران ایرانی إيران ايران إيرانية иран ирана иранский ирански иранска ιράν ιρανική ιρανικού",
	"syria":   "syria syrian siria syrie syrienne syrische سوریه سوريا سورية сирия сирийский сирийски сирийска συρία συριακή συρίας",
	"korea":   "korea korean coree coreano corea koreanische кндр корея корейский корейски корейска κορέα κορέας κορεατική",
	"crimea":  "crimea crimean krym krim crimeia crimee крым крыма крымский кримски κριμαία κριμαίας القرم",
	"belarus": "belarus belarusian belorussian byelorussian беларусь беларуси белорусский беларуски беларуска λευκορωσία λευκορωσίας",
	"iraq":    "iraq iraqi irak العراق عراقي عراق عراقية ирак иракски иракска ιράκ", "china": "china chinese chine chinois китай китайский китайски κίνα κινεζική الصين",
	"ukraine": "ukraine ukrainian ucrania ucraina украина украины украинский украйна ουκρανία", "kurdistan": "kurdistan kurdish kurdische кюрдски кюрдска курдский كردستان کردستان κουρδικό",
}

// eastWords are words of organisations in scripts that put no spaces, and what they
// are in English.
var eastWords = func() map[string]string {
	m := map[string]string{}
	for _, pair := range strings.Split("有限公司=company limited|有限责任公司=limited liability company|有限責任公司=limited liability company|股份有限公司=company limited|株式会社=company limited|公司=company|"+
		"集团=group|集團=group|银行=bank|銀行=bank|国际=international|國際=international|贸易=trading|貿易=trading|商贸=trading|商貿=trading|进出口=import export|進出口=import export|"+
		"海运=shipping|海運=shipping|航运=shipping|航運=shipping|船务=shipping|船務=shipping|石油=petroleum|石化=petrochemical|化工=chemical|工业=industry|工業=industry|实业=industrial|實業=industrial|"+
		"科技=technology|技术=technology|技術=technology|电子=electronics|電子=electronics|投资=investment|投資=investment|控股=holdings|能源=energy|物流=logistics|建设=construction|建設=construction|"+
		"工程=engineering|机械=machinery|機械=machinery|设备=equipment|設備=equipment|航空=aviation|保险=insurance|保險=insurance|研究所=research institute|研究院=research institute|大学=university|大學=university|"+
		"学院=institute|學院=institute|中国=china|中國=china|朝鲜=korea|朝鮮=korea|香港=hong kong|工厂=factory|工廠=factory|金融=finance|发展=development|發展=development|服务=service|服務=service|"+
		"管理=management|信息=information|通信=telecommunications|中心=center|矿业=mining|礦業=mining|钢铁=steel|鋼鐵=steel|"+
		"회사=company|총회사=general corporation|은행=bank|무역=trading|조선=korea|해운=shipping|선박=shipping|국제=international|합영=joint venture|합작=joint venture|보험=insurance|대외=foreign|광업=mining|"+
		"개발=development|공장=factory|연구소=research institute|대학=university|산업=industry|그룹=group|기술=technology|정보=information|총국=general bureau|련합=united|기계=machinery|건설=construction|"+
		"투자=investment|항공=air|국가=national|주식회사=company limited", "|") {
		native, english, _ := strings.Cut(pair, "=")
		m[native] = english
	}
	return m
}()

// longestEast is how many characters the longest of eastWords has.
const longestEast = 6

// eastWord returns the English words for what a run begins with, and how many
// characters that is.
func eastWord(run []rune) (words []Word, n int) {
	for n = min(len(run), longestEast); n > 1; n-- {
		if english, ok := eastWords[string(run[:n])]; ok {
			for text := range strings.FieldsSeq(english) {
				words = append(words, Word{Text: text})
			}
			return words, n
		}
	}
	return nil, 0
}

// addNative files the words of other scripts, and the places.
func (r *reference) addNative() {
	for _, symbol := range slices.Sorted(maps.Keys(nativeWords)) {
		for word := range strings.FieldsSeq(nativeWords[symbol]) {
			r.addThing(word, Word{Text: symbolText(symbol), Stands: symbolText(symbol), Class: classOfSymbol(symbol)})
		}
	}
	for _, place := range slices.Sorted(maps.Keys(placeWords)) {
		for word := range strings.FieldsSeq(placeWords[place]) {
			r.addThing(word, Word{Text: symbolText(place), Stands: symbolText(place)})
		}
	}
}

// classOfSymbol tells the words that say no more than a form from common words.
func classOfSymbol(symbol string) Class {
	if forms[symbol] {
		return Form
	}
	return Common
}
