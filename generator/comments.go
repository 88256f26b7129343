package generator

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dave/jennifer/jen"
)

// lineWidth is where comments are wrapped, the slashes not counted.
const lineWidth = 77

// A comment is the only way by which text of a plan gets into generated code
// outside a string literal. Whatever the text, each of its lines comes out
// behind "// ", none can become a directive, a heading, a list, a note such as
// "Deprecated:", or end the comment, and gofmt leaves all of them as they are.
type comment struct {
	lines     []string // without slashes; an empty line separates blocks
	directive string
}

// doc starts a comment with text.
func doc(sentences ...string) *comment {
	return new(comment).text(sentences...)
}

// text adds sentences as one paragraph. A sentence may be prose of the plan that
// has blank lines: then they separate paragraphs. The first word must be ours.
func (c *comment) text(sentences ...string) *comment {
	for i, paragraph := range paragraphs(sentences) {
		if i > 0 || len(c.lines) > 0 {
			c.lines = append(c.lines, "")
		}
		c.lines = append(c.lines, wrap(paragraph, lineWidth)...)
	}
	return c
}

// item adds sentences as one item of a list. Its first word must be ours.
func (c *comment) item(sentences ...string) *comment {
	if n := len(c.lines); n > 0 && !strings.HasPrefix(c.lines[n-1], "  ") {
		c.lines = append(c.lines, "")
	}
	var all []string
	for _, paragraph := range paragraphs(sentences) {
		all = append(all, paragraph...)
	}
	for i, line := range wrap(all, lineWidth-4) {
		if i == 0 {
			c.lines = append(c.lines, "  - "+line)
		} else {
			c.lines = append(c.lines, "    "+line)
		}
	}
	return c
}

// code adds one line of code.
func (c *comment) code(line string) *comment {
	if n := len(c.lines); n > 0 && !strings.HasPrefix(c.lines[n-1], "\t") {
		c.lines = append(c.lines, "")
	}
	c.lines = append(c.lines, "\t"+strings.Join(strings.Fields(clean(line)), " "))
	return c
}

// deprecated adds the note that editors and linters understand.
func (c *comment) deprecated(sentences ...string) {
	words := []string{"Deprecated:"}
	for _, paragraph := range paragraphs(sentences) {
		words = append(words, paragraph...)
	}
	if len(c.lines) > 0 {
		c.lines = append(c.lines, "")
	}
	c.lines = append(c.lines, wrap(words, lineWidth)...)
}

// noinline asks the compiler not to inline the function that follows.
func (c *comment) noinline() *comment {
	c.directive = "//\n//go:noinline\n"
	return c
}

// decl is the declaration made of tokens, documented.
func (c *comment) decl(tokens ...jen.Code) jen.Code {
	// jennifer prints what begins with slashes as it is.
	return jen.Comment(c.String()).Add(tokens...)
}

// String is the comment with its slashes, each line ended.
func (c *comment) String() string {
	var b strings.Builder
	for _, line := range c.lines {
		b.WriteString("//")
		if line != "" && line[0] != '\t' {
			b.WriteByte(' ')
		}
		b.WriteString(line)
		b.WriteByte('\n')
	}
	return b.String() + c.directive
}

// paragraphs closes each sentence with a full stop and splits them into words,
// and into paragraphs where the text has blank lines. A paragraph that would
// begin with anything but a plain word is added to the one before.
func paragraphs(sentences []string) [][]string {
	var all [][]string
	for _, sentence := range sentences {
		joins := true // the paragraph that the sentences before it made
		for _, part := range blocks(sentence) {
			part = clean(part)
			if strings.Contains(part, "``") || strings.Contains(part, "''") {
				part = quoteMarks.Replace(part)
			}
			words := strings.Fields(part)
			if len(words) == 0 {
				continue
			}
			words[len(words)-1] = stopped(words[len(words)-1])
			if n := len(all); n > 0 && (joins || !canStart(words[0])) {
				all[n-1] = append(all[n-1], words...)
			} else {
				all = append(all, words)
			}
			joins = false
		}
	}
	return all
}

// blocks splits text at its blank lines.
func blocks(text string) []string {
	if isPlain(text) {
		return []string{text}
	}
	var all []string
	var block strings.Builder
	for line := range strings.SplitSeq(lineBreaks.Replace(text), "\n") {
		if strings.TrimSpace(line) == "" {
			all = append(all, block.String())
			block.Reset()
			continue
		}
		block.WriteString(line)
		block.WriteByte(' ')
	}
	return append(all, block.String())
}

// lineBreaks are all that some editor or tool takes for the end of a line.
var lineBreaks = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\v", "\n", "\f", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n")

// quoteMarks are what gofmt takes for quotation marks in comments.
var quoteMarks = strings.NewReplacer("``", "“", "''", "”")

// clean removes what is no visible text: control characters and invisible
// format characters (bidirectional ones could show a reader other code than the
// compiler sees), except the two joiners that emoji and some scripts need.
func clean(text string) string {
	if isPlain(text) {
		return text
	}
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == '\u200c' || r == '\u200d':
			return r
		case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs):
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
}

// isPlain reports whether text is visible ASCII and spaces, as nearly all text is.
func isPlain(text string) bool {
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			return false
		}
	}
	return true
}

// stopped ends a sentence whose last word is w.
func stopped(w string) string {
	switch r, _ := utf8.DecodeLastRuneInString(w); r {
	case '.', '!', '?', ':', '…', '。':
		return w
	}
	return w + "."
}

// wrap breaks words into lines of at most width characters where it can.
func wrap(words []string, width int) []string {
	var lines []string
	var line strings.Builder
	n := 0
	for _, w := range words {
		length := utf8.RuneCountInString(w)
		if n > 0 && n+1+length > width && canStart(w) {
			lines = append(lines, line.String())
			line.Reset()
			n = 0
		}
		if n > 0 {
			line.WriteByte(' ')
			n++
		}
		line.WriteString(w)
		n += length
	}
	return append(lines, line.String())
}

// canStart reports whether a line may begin with w. Lists, headings, links and
// build constraints begin with punctuation or a number, directives and most
// notes hold a colon; what else tools look for is in notes.
func canStart(w string) bool {
	switch {
	case w[0] == '"' || w[0] == '(':
		return true
	case '0' <= w[0] && w[0] <= '9':
		return strings.Trim(w, "0123456789.)") != ""
	}
	r, _ := utf8.DecodeRuneInString(w)
	return unicode.IsLetter(r) && !strings.Contains(w, ":") && !notes.MatchString(w)
}

var notes = regexp.MustCompile(`(?i)^(code|deprecated|nolint|nosec|todo|fixme|bug|xxx)`)
