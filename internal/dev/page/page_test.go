package page

import (
	"bytes"
	"io/fs"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func written(t *testing.T, data Data) string {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, data); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestWriteEscapesTheToken(t *testing.T) {
	got := written(t, Data{Token: `"><script>alert(1)</script>`})
	want := `<meta name="phgen-token" content="&#34;&gt;&lt;script&gt;alert(1)&lt;/script&gt;">`
	if !strings.Contains(got, want) {
		t.Errorf("no %s in\n%s", want, got)
	}
	if strings.Contains(got, "{{") || strings.Contains(got, "tests may hold on to") {
		t.Error("the template's own text is in the page")
	}
}

// TestAssets follows the page from one asset to another: each is there, and none is left over.
func TestAssets(t *testing.T) {
	reference := regexp.MustCompile(`(?:src|href)="/_dev/([^"]+)"|(?:from|import) "\./([^"]+)"`)
	reached := map[string]bool{}
	var follow func(text string)
	follow = func(text string) {
		for _, m := range reference.FindAllStringSubmatch(text, -1) {
			name := m[1] + m[2]
			if reached[name] {
				continue
			}
			reached[name] = true
			data, contentType, etag, ok := Asset(name)
			if !ok {
				t.Errorf("there is no asset %q", name)
				continue
			}
			if contentType != contentTypes[path.Ext(name)] || contentType == "" || !regexp.MustCompile(`^"[\w-]{24}"$`).MatchString(etag) {
				t.Errorf("%s: content type %q, entity tag %s", name, contentType, etag)
			}
			follow(string(data))
		}
	}
	follow(written(t, Data{}))
	var got []string
	for name := range reached {
		got = append(got, name)
	}
	slices.Sort(got)
	want, err := fs.Glob(files, "*")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("embedded (-), reached (+):\n%s", diff)
	}
}

func TestAssetOfAnotherName(t *testing.T) {
	for _, name := range []string{"", "page.html", "page.go", "../page.css", "./page.css", "page.css/", "PAGE.CSS"} {
		if data, contentType, etag, ok := Asset(name); ok || data != nil || contentType != "" || etag != "" {
			t.Errorf("Asset(%q) = %d bytes, %q, %q, %v", name, len(data), contentType, etag, ok)
		}
	}
}

func TestTheETagIsOfTheContent(t *testing.T) {
	_, _, css, _ := Asset("page.css")
	_, _, again, _ := Asset("page.css")
	_, _, js, _ := Asset("page.js")
	if css != again || css == js {
		t.Errorf("entity tags: %s, %s of page.css, %s of page.js", css, again, js)
	}
}

// TestNothingThatThePolicyForbids: nothing inline, nothing from elsewhere, and no way from an
// event's text to markup or code.
func TestNothingThatThePolicyForbids(t *testing.T) {
	forbidden := map[string]*regexp.Regexp{
		"an address of another host":  regexp.MustCompile(`(?:https?:|["'(])//[^\s*]`),
		"an inline handler":           regexp.MustCompile(`(?i)\son[a-z]+\s*=\s*["']`),
		"an inline style":             regexp.MustCompile(`(?i)\sstyle\s*=\s*"|<style|setAttribute\("style"|cssText|\{ style:`),
		"an inline script":            regexp.MustCompile(`(?i)<script(?:\s+type="module")?>|javascript:`),
		"markup made from text":       regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment|setHTML|srcdoc`),
		"code made from text":         regexp.MustCompile(`\beval\(|new Function|set(?:Timeout|Interval)\(["'\x60]`),
		"a style sheet from the side": regexp.MustCompile(`@import|@font-face`),
	}
	texts := map[string]string{"page.html": written(t, Data{Token: "t"})}
	for name, a := range assets {
		texts[name] = string(a.data)
	}
	for name, text := range texts {
		text = strings.ReplaceAll(text, `"http://www.w3.org/2000/svg"`, "") // a name, which nothing asks for
		for what, pattern := range forbidden {
			if found := pattern.FindString(text); found != "" {
				t.Errorf("%s has %s: %q", name, what, found)
			}
		}
	}
}

func TestPolicyAllowsNothingFromElsewhere(t *testing.T) {
	for _, directive := range strings.Split(Policy, "; ") {
		name, sources, _ := strings.Cut(directive, " ")
		if strings.Contains(sources, "unsafe") || strings.Contains(sources, "*") || strings.Contains(sources, "http") {
			t.Errorf("%s allows %s", name, sources)
		}
	}
	if !strings.HasPrefix(Policy, "default-src 'none'; ") {
		t.Errorf("the policy begins with %.30q", Policy)
	}
}

// TestViews: each view has a section, a link and a key, and the modules know the same ones.
func TestViews(t *testing.T) {
	document := written(t, Data{})
	of := func(pattern string) []string {
		var names []string
		for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(document, -1) {
			names = append(names, m[1])
		}
		return names
	}
	data, _, _, _ := Asset("route.js")
	list := regexp.MustCompile(`views = \["(.*)"\]`).FindSubmatch(data)
	if list == nil {
		t.Fatal("route.js lists no views")
	}
	want := strings.Split(string(list[1]), `", "`)
	if diff := cmp.Diff(want, of(`<section class="view" data-view="([a-z]+)"`)); diff != "" {
		t.Errorf("sections:\n%s", diff)
	}
	if diff := cmp.Diff(want, of(`<li><a data-view="([a-z]+)" href="#/`)); diff != "" {
		t.Errorf("links:\n%s", diff)
	}
	for _, m := range regexp.MustCompile(`href="([^"]+)"`).FindAllStringSubmatch(document, -1) {
		if u, err := url.Parse(m[1]); err != nil || u.Host != "" {
			t.Errorf("link to %s", m[1])
		}
	}
}

// TestModulesAreSmall keeps each part of the page readable in one sitting.
func TestModulesAreSmall(t *testing.T) {
	for name, a := range assets {
		if lines := bytes.Count(a.data, []byte("\n")); path.Ext(name) == ".js" && lines >= 400 {
			t.Errorf("%s has %d lines", name, lines)
		}
	}
}
