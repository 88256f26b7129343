package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/phgen/phgen/schema"
)

// A report prints what a command found. Text for people goes to talk; what
// programs read, JSON and workflow commands, goes to data.
type report struct {
	format     string // a word of formatFlag
	data, talk io.Writer
	colour     bool
	baseline   *baselineResult // what a baseline did to the findings; nil without one
	stop       func()          // ends what busy began; nil before
}

func newReport(cmd *cobra.Command, format string) *report {
	return &report{format: format, data: cmd.OutOrStdout(), talk: cmd.ErrOrStderr(), colour: wantsColour(cmd.ErrOrStderr())}
}

// busy tells a terminal what takes so long, until something is printed or until
// quiet.
func (r *report) busy(what string) {
	r.quiet()
	r.stop = progress(r.talk, what)
}

// quiet ends what busy began.
func (r *report) quiet() {
	if r.stop != nil {
		r.stop()
	}
}

// wantsColour reports whether w is a terminal whose user has not asked for plain
// text.
func wantsColour(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return false
	}
	if runtime.GOOS == "windows" && os.Getenv("WT_SESSION") == "" {
		return false // the old console prints escape sequences as they are
	}
	stat, err := f.Stat()
	return err == nil && stat.Mode()&os.ModeCharDevice != 0
}

// A result is what --format json prints. Keys are only ever added to it.
type result struct {
	Version     int             `json:"version"`
	Diagnostics []finding       `json:"diagnostics"`
	Files       []staleFile     `json:"files"`
	Baseline    *baselineResult `json:"baseline,omitempty"`
}

type finding struct {
	File     string `json:"file"`
	Line     int    `json:"line"`
	Col      int    `json:"col"`
	Code     string `json:"code"`
	Severity string `json:"severity"`
	Message  string `json:"message"`
	Fix      string `json:"fix,omitempty"`
	Path     string `json:"path,omitempty"` // of keys of the plan
}

// A staleFile is a generated file that differs from what phgen would write.
type staleFile struct {
	Path   string `json:"path"`
	Change string `json:"change"` // what generate would do: add, change or remove
	Line   int    `json:"line"`   // of the first difference
	Diff   string `json:"diff"`   // unified, cut off when long
}

// print prints findings and stale in the report's format.
func (r *report) print(findings schema.Diagnostics, stale []staleFile) error {
	r.quiet()
	switch r.format {
	case "json":
		return r.printJSON(findings, stale)
	case "github":
		return r.printGitHub(findings, stale)
	case "sarif":
		return r.printSARIF(findings, stale)
	default:
		return r.printText(findings, stale)
	}
}

func (r *report) printText(findings schema.Diagnostics, stale []staleFile) error {
	var text strings.Builder
	for _, d := range findings {
		text.WriteString(r.line(d) + "\n")
	}
	if len(findings) > 0 {
		fmt.Fprintf(&text, "phgen: %s; \"phgen explain %s\" tells more\n", count(findings), findings[0].Code)
	}
	if _, err := io.WriteString(r.talk, text.String()); err != nil {
		return err
	}
	for _, f := range stale {
		if _, err := io.WriteString(r.data, printableLines(f.Diff)); err != nil {
			return err
		}
	}
	if len(stale) == 0 {
		return nil
	}
	_, err := fmt.Fprintf(r.talk, "phgen: %s out of date; run \"phgen generate\"\n", plural(len(stale), "generated file"))
	return err
}

// line is one finding as compilers print it, coloured if the report is.
func (r *report) line(d schema.Diagnostic) string {
	text := printable(d.String())
	if !r.colour {
		return text
	}
	hue := "31" // red
	if d.Severity == schema.Warning {
		hue = "33" // yellow
	}
	place, rest, _ := strings.Cut(text, ": "+d.Code+": ")
	return fmt.Sprintf("\x1b[1m%s:\x1b[0m \x1b[%sm%s\x1b[0m: %s", place, hue, d.Code, rest)
}

func (r *report) printJSON(findings schema.Diagnostics, stale []staleFile) error {
	out := result{Version: 1, Diagnostics: []finding{}, Files: append([]staleFile{}, stale...), Baseline: r.baseline}
	for _, d := range findings {
		out.Diagnostics = append(out.Diagnostics, finding{
			File: filepath.ToSlash(d.Pos.File), Line: d.Pos.Line, Col: d.Pos.Col,
			Code: d.Code, Severity: d.Severity.String(), Message: d.Message, Fix: d.Fix, Path: d.Path,
		})
	}
	enc := json.NewEncoder(r.data)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(out)
}

// printGitHub prints workflow commands, which GitHub shows beside the lines of a
// pull request. It prints no diff: a runner would obey a command inside it.
func (r *report) printGitHub(findings schema.Diagnostics, stale []staleFile) error {
	var text strings.Builder
	for _, d := range findings {
		message := d.Message
		if d.Fix != "" {
			message += "; " + d.Fix
		}
		text.WriteString(annotation(d.Severity.String(), d.Pos, d.Code, message))
	}
	for _, f := range stale {
		pos := schema.Pos{File: f.Path, Line: f.Line, Col: 1}
		text.WriteString(annotation("error", pos, "out of date", `generated code is out of date; run "phgen generate"`))
	}
	_, err := io.WriteString(r.data, text.String())
	return err
}

// annotation is one workflow command:
// https://docs.github.com/actions/reference/workflow-commands-for-github-actions
func annotation(level string, pos schema.Pos, title, message string) string {
	place := "file=" + propertyEscaper.Replace(fromWorkspace(pos.File))
	if pos.Line > 0 {
		place += fmt.Sprintf(",line=%d,col=%d", pos.Line, pos.Col)
	}
	return fmt.Sprintf("::%s %s,title=%s::%s\n", level, place, propertyEscaper.Replace(title), messageEscaper.Replace(message))
}

var (
	messageEscaper  = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	propertyEscaper = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// fromWorkspace names file as GitHub does, from the root of the checkout: a
// workflow may run phgen in a folder below it.
func fromWorkspace(file string) string {
	root := os.Getenv("GITHUB_WORKSPACE")
	abs, err := filepath.Abs(file)
	if root == "" || err != nil {
		return filepath.ToSlash(file)
	}
	rel, err := filepath.Rel(root, abs)
	if err != nil || !filepath.IsLocal(rel) {
		return filepath.ToSlash(file)
	}
	return filepath.ToSlash(rel)
}

// printable makes text safe for one line of a terminal: a file name may hold a
// line feed or an escape sequence.
func printable(text string) string {
	if !strings.ContainsFunc(text, isControl) {
		return text
	}
	var out strings.Builder
	for _, r := range text {
		if isControl(r) {
			quoted := strconv.QuoteRuneToASCII(r)
			out.WriteString(quoted[1 : len(quoted)-1])
		} else {
			out.WriteRune(r)
		}
	}
	return out.String()
}

// printableLines is printable, but leaves line feeds alone.
func printableLines(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = printable(line)
	}
	return strings.Join(lines, "\n")
}

// isControl reports whether r moves the cursor or hides text: a control
// character other than the tab, or a format character, such as those that change
// the direction of writing.
func isControl(r rune) bool {
	return r != '\t' && (unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Cf, r))
}

// count says how many errors and warnings there are.
func count(findings schema.Diagnostics) string {
	errors := len(errorsOf(findings))
	warnings := len(findings) - errors
	switch {
	case warnings == 0:
		return plural(errors, "error")
	case errors == 0:
		return plural(warnings, "warning")
	}
	return plural(errors, "error") + ", " + plural(warnings, "warning")
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// errorsOf returns the findings that are errors.
func errorsOf(findings schema.Diagnostics) schema.Diagnostics {
	var errs schema.Diagnostics
	for _, d := range findings {
		if d.Severity == schema.Error {
			errs = append(errs, d)
		}
	}
	return errs
}
