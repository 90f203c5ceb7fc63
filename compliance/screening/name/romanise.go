package name

import (
	"maps"
	"slices"
	"strings"

	"github.com/mozillazg/go-pinyin"
)

// koreanSpellings are groups of words that spell one Korean syllable, by the McCune and
// Reischauer way of the North, the revised one of the South, and custom.
var koreanSpellings = strings.Split("kim gim|ri lee yi rhee|pak park bak|choe choi|jong jung jeong chong chung|jo cho|kang gang|yun yoon|jang chang|"+
	"im lim rim|so seo suh|sin shin|kwon gwon|an ahn|ryu yu yoo ryoo|jon jun jeon chon|ko go koh|mun moon|son sohn|pae bae|paek baek|ho heo hur huh|"+
	"no ro roh noh|kwak gwak|song seong sung|yong young yeong|hyon hyun hyeon|kyong kyung gyeong|myong myung myeong|chol cheol chul|sok seok suk|"+
	"hun hoon|jun joon|su soo|u woo|un eun|hui hee|sik shik|tae dae|to do|tong dong|kuk guk kook|kwang gwang|kil gil|ki gi|chun choon|pom beom bum|"+
	"sop seop sup|won weon|pyong byung byeong|ryol yeol yol|hyok hyuk hyeok|uk wook|kyu gyu|jin chin|ja cha|jae chae je|sun soon|ryong yong|o oh", "|")

// chineseSpellings are family names as Hong Kong, Singapore, Malaysia and Taiwan
// spell them, the Mandarin reading first.
var chineseSpellings = strings.Split("chen chan tan|li lee lei|zhang cheung chang teo|wang wong ong|huang wong ng wee|liu lau low|lin lam lim|zhou chow chau chew|"+
	"wu ng goh|xu hui tsui koh|zhu chu choo|ma mah|hu woo|guo kwok quek|he ho|gao ko koh|luo law lo loh|zheng cheng tay cheang|liang leung leong|"+
	"xie tse cheah chia|song sung soong|tang tong|deng tang teng|feng fung foong|cao cho tso|peng pang phang|zeng tsang|xiao siu siew|tian tin|"+
	"dong tung|yuan yuen|pan poon phua|jiang kong chiang keung|cai choi tsai chua|yu yue yee|ye yip yap|cheng ching|wei ngai|su so soh|lu lo loo|"+
	"ding ting|yao yiu yeo|shen sum sim|zhong chung|tan tam|kong hung|jin kam|qian chin tsien|fu foo|bai pak|xiong hung|yang yeung yeoh|long lung|"+
	"lei lui|hou hau|shi sze shek|mo mok|sun suen|zhao chiu chao|qiu yau khoo|jie kit|ming meng|jun kwan|hua wah|wei wai|guang kwong|rong wing|hai hoi|"+
	"qiang keung|jian kin|yong wing|hong hung|xin sun|xiang heung|guo kwok|hui wai", "|")

// shortNames are names and how passports and forms shorten or spell them.
var shortNames = strings.Split("muhammad mohammed mohammad muhammed mohamed mohamad mohd muhd mhd|abdullah abdulla|ahmad ahmed|hussein husein hossein hussain|"+
	"yusuf yousef youssef joseph|ibrahim abraham|yaqub jacob|sulayman solomon suleiman|aleksandr alexander|mikhail michael|nikolai nicholas nicolas|"+
	"sergei sergey sergej serge serhii serhiy siarhei syarhey siarhej serg siarhe serhi|mykola mikola nikolai nikolay nikolaj mikalai mikalay nikola nikol mikala mykol mikol nicholas|"+
	"uladzimir volodymyr vladimir vladymyr uladzimer|katsiaryna kaciaryna kateryna ekaterina yekaterina jekaterina catherine katerina|aliaksandr aleksandr oleksandr alexander alexandr aliaxandr|"+
	"aliaksei aliaksey oleksii oleksiy aleksei alexei aleksey alexey alekse alekseye|dzmitry dzmitri dmytro dmitry dmitri dmitriy dmitrii dmitr dzmitr dmytr|"+
	"mikhail mykhailo mikhailo mihail michael mikhai mykhail|yauhen yauheni yevhen yevgeny yevgeniy evgeny evgeniy evgenii evgeni yevhenii eugene yevgen yevhen evgen yauhen|"+
	"hanna anna ganna|alena olena elena yelena jelena helen|nastassia nastassya anastasia anastasiya anastasiia|andrei andrey andrii andriy andrej andre andri|"+
	"piotr petro pyotr petr piatr peter|pavel pavlo pavlov paulo paval paul pavl|viachaslau viacheslav vyacheslav viacheslau vjaceslav|siargei sergei|"+
	"ihar ihor igor|aleh oleh oleg|artsiom artem artyom artiom|ryhor hryhorii grigory grigoriy grigorii hryhoriy|heorhii georgy georgii georgiy heorhi yury|"+
	"tatsiana tetiana tatiana tatyana|viktar viktor victor|anatol anatoly anatolii anatoliy anatoli|vasil vasyl vasily vasiliy vasilii vasyli|iryna irina|"+
	"natallia nataliia natalia natalya nataliya|mariia maria mariya maryia|yuliia yulia julia iuliia yuliya|ulyana uliana|kanstantsin kostiantyn konstantin|"+
	"dima dmitry dmitri dmitriy|sasha aleksandr alexander aleksandra alexandra|kostya konstantin|misha mikhail|volodya vladimir|vova vladimir|kolya nikolai nikolay|"+
	"seryozha sergei sergey|zhenya evgeny yevgeny evgeniy|alyosha aleksei alexei|lyosha aleksei alexei|vanya ivan|petya pyotr petr|pasha pavel|tolya anatoly anatoliy|"+
	"slava vyacheslav|yura yury yuri yuriy|gena gennady gennadiy|borya boris|katya ekaterina yekaterina|natasha natalia natalya|tanya tatiana tatyana|"+
	"lena elena yelena|olya olga|masha maria mariya|ira irina|sveta svetlana|lyuda lyudmila liudmila|anya anna|"+
	"pepe jose|paco francisco|pancho francisco|chucho jesus|nacho ignacio|memo guillermo|beto alberto roberto|lalo eduardo|quique enrique|kike enrique|"+
	"toño antonio|tono antonio|chema josemaria|chepe jose|goyo gregorio|lencho lorenzo|meño manuel|manolo manuel|nando fernando|rafa rafael|chayo rosario|concha concepcion|lupe guadalupe|"+
	"yevgeny eugene|yekaterina catherine ekaterina|fyodor theodore|pavel paul|pyotr peter petr|ivan john|georgy george|yuri george jurij", "|")

// addSpellings makes words stand for each other that spell the same.
func (r *reference) addSpellings() {
	for _, group := range slices.Concat(koreanSpellings, shortNames) {
		r.addNicks(strings.Fields(group))
	}
	for _, group := range chineseSpellings {
		words := strings.Fields(group)
		for _, other := range words[1:] {
			r.addNicks([]string{words[0], other})
		}
	}
	syllables := map[string]bool{}
	for char := range pinyin.PinyinDict {
		if text, ok := mandarin(rune(char)); ok {
			syllables[text] = true
		}
	}
	for _, syllable := range slices.Sorted(maps.Keys(syllables)) {
		if wade := wadeGiles(syllable); wade != syllable && !slices.Contains(r.nicks[syllable], wade) {
			r.addNicks([]string{syllable, wade})
		}
	}
}

var (
	wadeInitials = [][2]string{{"zh", "ch"}, {"ch", "ch"}, {"sh", "sh"}, {"b", "p"}, {"d", "t"}, {"g", "k"}, {"j", "ch"}, {"q", "ch"}, {"z", "ts"}, {"c", "ts"},
		{"x", "hs"}, {"r", "j"}}
	wadeFinals = [][2]string{{"ian", "ien"}, {"iong", "iung"}, {"ong", "ung"}, {"ie", "ieh"}, {"ue", "ueh"}}
	wadeWhole  = map[string]string{"zi": "tzu", "ci": "tzu", "si": "szu", "zhi": "chih", "chi": "chih", "shi": "shih", "ri": "jih", "yi": "i", "you": "yu",
		"ye": "yeh", "yan": "yen", "yong": "yung", "yue": "yueh", "er": "erh", "ge": "ko", "ke": "ko", "he": "ho", "e": "o", "gui": "kuei", "kui": "kuei",
		"duo": "to", "tuo": "to", "luo": "lo", "zuo": "tso", "cuo": "tso", "suo": "so", "ruo": "jo", "nuo": "no", "guo": "kuo"}
)

// wadeGiles writes a Mandarin syllable as Taiwan mostly does, without apostrophes.
func wadeGiles(syllable string) string {
	if whole, ok := wadeWhole[syllable]; ok {
		return whole
	}
	first, rest := "", syllable
	for _, pair := range wadeInitials {
		if after, ok := strings.CutPrefix(syllable, pair[0]); ok {
			first, rest = pair[1], after
			break
		}
	}
	for _, pair := range wadeFinals {
		if before, ok := strings.CutSuffix(rest, pair[0]); ok {
			rest = before + pair[1]
			break
		}
	}
	return first + rest
}
