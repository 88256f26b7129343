package schema

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// syntaxCures says, for what yaml.v3 complains about, where in the line the
// cause stands and how to mend it. The first row that matches both counts.
var syntaxCures = []struct {
	message string         // part of the message
	cause   *regexp.Regexp // in the line; its first group, or all of it
	fix     string
}{
	{"did not find expected", regexp.MustCompile(`([A-Za-z0-9_]+\?)\s*[,}\]]`), `quote a type that ends in "?" inside braces and brackets: {a: "uuid?"}`},
	{"did not find expected", regexp.MustCompile(`\][!?]`), "write a required array in long form: {type: array, of: T, required: true}"},
	{"mapping values are not allowed", regexp.MustCompile(`:\s.*?(:)(?:\s|$)`), `quote a value that holds ": ", and indent nested keys below their own line`},
	{"cannot start any token", regexp.MustCompile("(?:^|[:,\\[{-]) *([@`%|>])"), "quote the value"},
	{"unknown escape character", regexp.MustCompile(`\\[^0abt\tnvfre "/\\N_LPxuU\n]`), `write "\\" for a backslash, or use single quotes`},
	{"',' or", regexp.MustCompile(`[\[{]`), "close the bracket or brace"},
	{"unexpected end of stream", regexp.MustCompile(`["']`), "close the quote"},
	{"did not find expected key", nil, "align it with the keys beside it"},
	{"could not find expected ':'", nil, `write "key: value"`},
}

var (
	yamlLine    = regexp.MustCompile(`^(?:yaml: )?(?:line (\d+): )?`)
	yamlControl = regexp.MustCompile(`[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\x{fffe}|\x{ffff}`)
	yamlAnchor  = regexp.MustCompile(`^unknown anchor '(.*)' referenced$`)
)

// syntaxError places what yaml.v3 says: it knows at best a line, often that of
// what surrounds the mistake.
func (s *source) syntaxError(message string, found *findings) {
	text, line := s.complaint(message)
	if m := yamlAnchor.FindStringSubmatch(text); m != nil {
		found.add(s.pos(max(0, bytes.Index(s.src, []byte("*"+m[1])))), "PH104", shareCure, "the alias %q", "*"+m[1])
		return
	}
	if strings.Contains(text, "control characters") {
		if at := yamlControl.FindIndex(s.src); at != nil {
			r, _ := utf8.DecodeRune(s.src[at[0]:])
			found.add(s.pos(at[0]), "PH102", "remove it", "the control character %U", r)
			return
		}
	}
	// What stays open reaches to the end, and yaml.v3 names where it began.
	// Anything else lies where it stopped reading, or a little before that.
	if !strings.Contains(text, "',' or") && !strings.Contains(text, "end of stream") {
		line = s.stop(message)
	}
	if strings.Contains(text, "end of stream") && !bytes.ContainsAny(s.line(line), `"'`) {
		line = 1 // it is not said of what begins in the first line
	}
	fix, content := "", s.line(line)
	at := len(content) - len(bytes.TrimLeft(content, " "))
	for _, cure := range syntaxCures {
		if !strings.Contains(text, cure.message) {
			continue
		}
		if cure.cause != nil {
			place := cure.cause.FindSubmatchIndex(content)
			if place == nil {
				continue
			}
			at = place[len(place)-2]
		}
		fix = cure.fix
		break
	}
	found.add(Pos{s.name, line, utf8.RuneCount(content[:at]) + 1}, "PH102", fix, "%s", text)
}

// complaint splits a message of yaml.v3 into text and line. Its parser counts
// lines from 0, its scanner from 1, and neither says line 0.
func (s *source) complaint(message string) (text string, line int) {
	m := yamlLine.FindStringSubmatch(message)
	text = message[len(m[0]):]
	if _, err := fmt.Sscan(m[1], &line); err != nil || line > len(s.lines) {
		return text, 1
	}
	if strings.HasPrefix(text, "did not find expected") {
		line++
	}
	return text, min(line, len(s.lines))
}

// stop is the line in which yaml.v3 gives up. It reads a little ahead, so the
// mistake may stand before that: there, too, the text up to it fails alike.
func (s *source) stop(message string) int {
	text, _ := s.complaint(message)
	_, consumed := s.failure(len(s.lines))
	line := s.pos(len(bytes.TrimRight(s.src[:consumed], " \r\n"))).Line
	ahead := 3
	if len(s.src) > 256<<10 {
		ahead = 0 // each look costs another parse
	}
	for range ahead {
		earlier, _ := s.failure(line - 1)
		if line == 1 || earlier == "" {
			break
		}
		if t, _ := s.complaint(earlier); t != text {
			break
		}
		line--
	}
	return line
}
