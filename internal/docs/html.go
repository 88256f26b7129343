package docs

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"

	"github.com/phgen/phgen/schema"
)

var (
	//go:embed page.html
	pageHTML string
	//go:embed page.css
	pageCSS string
	//go:embed page.js
	pageJS string

	pageTemplate = template.Must(template.New("page").Parse(pageHTML))

	// pagePolicy lets the page run and show what is in it, and fetch nothing.
	pagePolicy = fmt.Sprintf("default-src 'none'; script-src '%s'; style-src '%s'; img-src data:; base-uri 'none'; form-action 'none'", digest(pageJS), digest(pageCSS))
)

// digest is a source of a content security policy: a script or style of exactly that text.
func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// catalogue is the data of the page, which its script reads.
type catalogue struct {
	Name        string       `json:"name"`
	Version     string       `json:"version"`
	Description string       `json:"description"`
	Sections    []pageHeader `json:"sections"`
	Owners      []pageOwner  `json:"owners"`
	Items       []item       `json:"items"`
}

type pageHeader struct {
	Kind  string `json:"k"`
	Title string `json:"t"`
}

type pageOwner struct {
	Name        string   `json:"n"`
	Description string   `json:"x,omitempty"`
	Slack       string   `json:"s,omitempty"`
	Email       string   `json:"e,omitempty"`
	Codeowners  []string `json:"c,omitempty"`
}

// page is the plan as one HTML page that needs nothing else.
func page(p *schema.Plan) ([]byte, error) {
	data := catalogue{Name: p.Name, Version: p.Version, Description: p.Description, Owners: []pageOwner{}, Items: items(p)}
	for _, s := range sections {
		data.Sections = append(data.Sections, pageHeader(s))
	}
	for _, o := range p.Owners {
		data.Owners = append(data.Owners, pageOwner{o.Name, o.Description, o.Slack, o.Email, o.Codeowners})
	}
	var b bytes.Buffer
	err := pageTemplate.Execute(&b, map[string]any{
		"Mark":   template.HTML("\n<!-- " + mark + " -->"),
		"Policy": pagePolicy,
		"CSS":    template.CSS(pageCSS), // ours, and what the policy allows
		"JS":     template.JS(pageJS),
		"Plan":   data,
	})
	return b.Bytes(), err
}
