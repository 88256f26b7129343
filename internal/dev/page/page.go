// Package page is the live page of phgen dev: one HTML document, one style sheet and a few
// modules of JavaScript, embedded as they are. It asks nothing of any other host, runs under a
// content security policy without inline script or style, and reads all that it shows from the
// API of package devserver.
package page

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"html/template"
	"io"
	"path"
)

// Policy is the content security policy that the page works under.
const Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

var (
	//go:embed page.html
	document string
	//go:embed page.css icon.svg *.js
	files embed.FS

	page   = template.Must(template.New("page").Parse(document))
	assets = load(files)
)

// contentTypes are those of the assets, by the ends of their names.
var contentTypes = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
}

// Data is what differs from one page to another.
type Data struct {
	Token string // which the API wants for what changes something
}

// Write writes the document. Its assets have to be served below /_dev/.
func Write(w io.Writer, data Data) error {
	return page.Execute(w, data)
}

// Asset returns the file that the document or another asset asks for by that name, with a
// strong entity tag made from its content.
func Asset(name string) (data []byte, contentType, etag string, ok bool) {
	a, ok := assets[name]
	return a.data, a.contentType, a.etag, ok
}

type asset struct {
	data              []byte
	contentType, etag string
}

func load(files embed.FS) map[string]asset {
	loaded := map[string]asset{}
	entries, _ := files.ReadDir(".") // what is embedded can be read
	for _, e := range entries {
		data, _ := files.ReadFile(e.Name())
		sum := sha256.Sum256(data)
		loaded[e.Name()] = asset{data, contentTypes[path.Ext(e.Name())], `"` + base64.RawURLEncoding.EncodeToString(sum[:18]) + `"`}
	}
	return loaded
}
