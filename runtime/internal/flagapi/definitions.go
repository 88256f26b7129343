package flagapi

import (
	"bytes"
	"context"
	"net/http"
	"net/url"

	"github.com/phgen/phgen/runtime/internal/origin"
)

const blank = " \t\r\n"

const (
	maxDefinitions = 64 << 20 // bytes, inflated
	maxETag        = 1 << 10  // bytes; a longer one is none
)

// Definitions are the flags of a project, as the endpoint sent them.
type Definitions struct {
	Body        []byte // a JSON object; nil if NotModified
	ETag        string // to send the next time; "" if the endpoint says none
	NotModified bool   // what etag stood for is still current
}

// Definitions loads the flags of the project. An etag that is not empty is that of the
// definitions that the caller has.
func (c *Client) Definitions(ctx context.Context, etag string) (Definitions, error) {
	h, err := c.bearer()
	if err != nil {
		return Definitions{}, err
	}
	if etag != "" {
		h.Set("If-None-Match", etag)
	}
	r, err := c.do(ctx, &call{
		method: http.MethodGet,
		url:    "/flags/definitions?token=" + url.QueryEscape(c.cfg.Token) + "&send_cohorts",
		header: h,
		limit:  maxDefinitions,
	})
	if err != nil {
		return Definitions{}, err
	}
	d := Definitions{ETag: entityTag(r.header.Get("ETag")), NotModified: r.status == http.StatusNotModified}
	switch {
	case d.NotModified && etag == "":
		return Definitions{}, &StatusError{Status: r.status}
	case d.NotModified:
		return d, nil
	case !bytes.HasPrefix(bytes.TrimLeft(r.body, blank), []byte("{")):
		return Definitions{}, origin.Garbled("the body holds no definitions")
	}
	d.Body = r.body
	return d, nil
}

// entityTag returns tag, or "" if it can not be sent back.
func entityTag(tag string) string {
	if len(tag) > maxETag {
		return ""
	}
	for i := range len(tag) {
		if tag[i] < ' ' || tag[i] > '~' {
			return ""
		}
	}
	return tag
}
