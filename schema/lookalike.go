package schema

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// shortForms are words that plans write in two ways. They only matter where both
// occur.
var shortForms = map[string][]string{
	"acct": {"account"}, "addr": {"address"}, "amt": {"amount"}, "cfg": {"configuration"}, "cnt": {"count"}, "config": {"configuration"},
	"identifier": {"id"}, "img": {"image"}, "lang": {"language"}, "latitude": {"lat"}, "lon": {"lng"}, "longitude": {"lng"}, "msg": {"message"},
	"num": {"number"}, "nr": {"number"}, "org": {"organization"}, "organisation": {"organization"}, "pct": {"percent"}, "percentage": {"percent"},
	"qty": {"quantity"}, "uid": {"user", "id"}, "usr": {"user"},
}

// spelledOut is key without separators, case and short forms.
func spelledOut(key string) string {
	var b strings.Builder
	for _, word := range wordsOf(key) {
		if long := shortForms[word]; long != nil {
			word = strings.Join(long, "")
		}
		b.WriteString(word)
	}
	return b.String()
}

// checkSynonyms looks for one thing under two keys: a filter on one of them misses
// the events that have the other.
func checkSynonyms(p *Plan, _ time.Time, report report) {
	first := make(map[string]*Property)
	told := make(map[string]bool)
	meanings := make(map[string]string) // keys recur in most events
	walkProperties(p, func(at site, prop *Property) {
		if at.nested || at.part == payloadPart || at.part == featurePart || strings.HasPrefix(prop.Key, "$") {
			return
		}
		meaning, known := meanings[prop.Key]
		if !known {
			meaning = spelledOut(prop.Key)
			meanings[prop.Key] = meaning
		}
		twin := first[meaning]
		switch {
		case twin == nil:
			first[meaning] = prop
		case twin.Key == prop.Key || told[prop.Key] || succeeds(prop, twin) || succeeds(twin, prop):
		default:
			told[prop.Key] = true
			report(prop.Pos, fmt.Sprintf("property %q is spelled %q at %s", prop.Key, twin.Key, twin.Pos), "keep one spelling")
		}
	})
}

// succeeds reports whether old is deprecated in favour of prop.
func succeeds(prop, old *Property) bool {
	return old.Deprecated != nil && old.Deprecated.Use == prop.Key
}

// The length from which a word that differs in one letter is more likely to be
// misspelt than to be another word.
const longWord = 6

// checkMisspelt looks for events that differ in one letter of a long word or in the
// order of their words. Names that fold to the same are PH626's.
func checkMisspelt(p *Plan, _ time.Time, report report) {
	names := make([][]string, len(p.Events))
	for i, e := range p.Events {
		names[i] = wordsOf(e.Name)
	}
	near := nearWords(names)
	spelled, sorted := make(map[string]*Event), make(map[string]*Event)
	for i, e := range p.Events {
		words := names[i]
		order := inOrder(words)
		twin := sorted[order]
		if twin == nil {
			sorted[order] = e
			twin = misspelt(words, near, spelled)
		}
		spelled[strings.Join(words, " ")] = e
		if twin == nil || folded(e.Name) == folded(twin.Name) || replaces(e, twin) || replaces(twin, e) {
			continue
		}
		report(e.Pos, fmt.Sprintf("event %q looks like %q at %s", e.Name, twin.Name, twin.Pos), "keep one of them, or name them further apart")
	}
}

func inOrder(words []string) string {
	words = slices.Clone(words)
	slices.Sort(words)
	return strings.Join(words, " ")
}

// maxNear bounds the words that count as near one word.
const maxNear = 8

// nearWords maps each long word to others that are one edit apart from it.
func nearWords(names [][]string) map[string][]string {
	near := make(map[string][]string)
	short := make(map[string][]string) // a form with one letter less to the words that have it
	seen := make(map[string]bool)
	for _, words := range names {
		for _, word := range words {
			if seen[word] || !isLongWord(word) {
				continue
			}
			seen[word] = true
			for _, form := range append(shortened(word), word) {
				for _, other := range short[form] {
					if oneEdit(word, other) && !slices.Contains(near[word], other) && len(near[word]) < maxNear && len(near[other]) < maxNear {
						near[word], near[other] = append(near[word], other), append(near[other], word)
					}
				}
				if len(short[form]) < maxNear {
					short[form] = append(short[form], word)
				}
			}
		}
	}
	return near
}

// misspelt is an event of those spelled out whose name has a near word in one
// place, or nil.
func misspelt(words []string, near map[string][]string, spelled map[string]*Event) *Event {
	for i, word := range words {
		for _, other := range near[word] {
			changed := slices.Clone(words)
			changed[i] = other
			if twin := spelled[strings.Join(changed, " ")]; twin != nil {
				return twin
			}
		}
	}
	return nil
}

// isLongWord reports whether word may be misspelt: long enough to tell, short enough
// to be a word, and of letters alone, since digits count things.
func isLongWord(word string) bool {
	n := utf8.RuneCountInString(word)
	return n >= longWord && n <= 24 && !strings.ContainsFunc(word, unicode.IsDigit)
}

// shortened is word with each of its letters left out in turn.
func shortened(word string) []string {
	var list []string
	for i, r := range word {
		list = append(list, word[:i]+word[i+utf8.RuneLen(r):])
	}
	return list
}

// oneEdit reports whether one letter more, less or other, or two neighbours swapped,
// turn a into b.
func oneEdit(a, b string) bool {
	s, t := []rune(a), []rune(b)
	if len(s) > len(t) {
		s, t = t, s
	}
	i := 0
	for i < len(s) && s[i] == t[i] {
		i++
	}
	switch {
	case len(t)-len(s) > 1 || a == b:
		return false
	case len(s) < len(t):
		return slices.Equal(s[i:], t[i+1:])
	case slices.Equal(s[i+1:], t[i+1:]):
		return true
	}
	return i+1 < len(s) && s[i] == t[i+1] && s[i+1] == t[i] && slices.Equal(s[i+2:], t[i+2:])
}

// A tagged thing has tags.
type tagged struct {
	pos     Pos
	subject string
	tags    []string
}

func tagLists(p *Plan) []tagged {
	var lists []tagged
	for _, e := range p.Events {
		lists = append(lists, tagged{e.Pos, fmt.Sprintf("event %q", e.Name), e.Tags})
	}
	for _, f := range p.Flags {
		lists = append(lists, tagged{f.Pos, fmt.Sprintf("flag %q", f.Key), f.Tags})
	}
	for _, f := range p.AI.Features {
		lists = append(lists, tagged{f.Pos, fmt.Sprintf("feature %q", f.Name), f.Tags})
	}
	return lists
}

// checkTagTwins looks for tags that somebody meant to be one: two spellings of the
// same words, or a long tag used once that is a letter away from another.
func checkTagTwins(p *Plan, _ time.Time, report report) {
	uses := make(map[string]int)
	first := make(map[string]tagged)
	var tags []string // in order
	for _, thing := range tagLists(p) {
		for _, tag := range thing.tags {
			if uses[tag]++; uses[tag] == 1 {
				first[tag] = thing
				tags = append(tags, tag)
			}
		}
	}
	spellings := make(map[string]string)
	for _, tag := range tags {
		if known := spellings[folded(tag)]; known == "" || uses[tag] > uses[known] {
			spellings[folded(tag)] = tag
		}
		for _, rest := range append(shortened(tag), tag) {
			if known := spellings["\x00"+rest]; isLongWord(tag) && (known == "" || uses[tag] > uses[known]) {
				spellings["\x00"+rest] = tag
			}
		}
	}
	for _, tag := range tags {
		twin := spellings[folded(tag)]
		for _, rest := range append(shortened(tag), tag) {
			if near := spellings["\x00"+rest]; twin == tag && uses[tag] == 1 && uses[near] > 1 && oneEdit(tag, near) {
				twin = near
			}
		}
		if twin != tag {
			report(first[tag].pos, fmt.Sprintf("the tag %q of %s is almost %q", tag, first[tag].subject, twin), "use one of them")
		}
	}
}

func checkTagRepeated(p *Plan, _ time.Time, report report) {
	for _, thing := range tagLists(p) {
		seen := make(map[string]bool)
		for _, tag := range thing.tags {
			if seen[tag] {
				report(thing.pos, fmt.Sprintf("%s has the tag %q twice", thing.subject, tag), "remove one")
			}
			seen[tag] = true
		}
	}
}

// irregular are past forms that do not end in "ed", and what they are forms of.
var irregular = map[string]string{
	"begun": "begin", "bought": "buy", "built": "build", "found": "find", "left": "leave", "lost": "lose", "made": "make", "paid": "pay",
	"seen": "see", "sent": "send", "shown": "show", "sold": "sell", "taken": "take", "won": "win", "written": "write",
}

// stems are the words that past may be the past form of, none if it is no such form.
func stems(past string) []string {
	if stem := irregular[past]; stem != "" {
		return []string{stem}
	}
	stem, ok := strings.CutSuffix(past, "ed")
	n := len(stem)
	switch {
	case !ok || n < 2 || strings.HasSuffix(past, "eed"): // a feed, at full speed
		return nil
	case strings.HasSuffix(stem, "i"):
		return []string{stem[:n-1] + "y"}
	case stem[n-1] == stem[n-2]:
		return []string{stem, stem[:n-1]}
	}
	return []string{stem, stem + "e"}
}

// checkTense looks for events named by the present form of a verb where others, and
// most of all, use the past form.
func checkTense(p *Plan, _ time.Time, report report) {
	past := make(map[string]string) // stem to the event that uses its past form
	inPast := 0
	for _, e := range p.Events {
		forms := stems(lastWord(e.Name))
		if len(forms) > 0 {
			inPast++
		}
		for _, stem := range forms {
			if past[stem] == "" {
				past[stem] = e.Name
			}
		}
	}
	if inPast*2 <= len(p.Events) {
		return
	}
	for _, e := range p.Events {
		last := lastWord(e.Name)
		if len(stems(last)) > 0 || e.Status == "deprecated" {
			continue
		}
		forms := []string{last, strings.TrimSuffix(last, "s")}
		if stem, ok := strings.CutSuffix(last, "ing"); ok {
			forms = append(forms, stem, stem+"e")
		}
		for _, stem := range forms {
			if model := past[stem]; model != "" {
				report(e.Pos, fmt.Sprintf("event %q ends in %q, but %q is named in the past tense", e.Name, last, model), "name it by what has happened")
				break
			}
		}
	}
}

func lastWord(name string) string {
	words := wordsOf(name)
	if len(words) == 0 {
		return ""
	}
	return words[len(words)-1]
}
