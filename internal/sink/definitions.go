package sink

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// A document is what definitions are read from.
type document struct {
	text []byte
	hash string // its entity tag without W/ and quotes
}

// noFlags is the document of a project without flags.
var noFlags = newDocument([]byte(`{"flags":[],"group_type_mapping":{},"cohorts":{}}`))

func newDocument(text []byte) document {
	sum := sha256.Sum256(text)
	return document{text: text, hash: hex.EncodeToString(sum[:8])}
}

// matches reports whether the header If-None-Match names the document: by a weak
// validator, a strong one or its bare text.
func (d document) matches(header string) bool {
	for tag := range strings.SplitSeq(header, ",") {
		tag = strings.TrimPrefix(strings.TrimSpace(tag), "W/")
		if tag == "*" || strings.Trim(tag, `"`) == d.hash {
			return true
		}
	}
	return false
}

// SetDefinitions makes doc the document of definitions from now on, whatever it
// holds. Nil is that of a project without flags, as in the beginning.
func (s *Sink) SetDefinitions(doc []byte) {
	d := document{}
	if doc != nil {
		d = newDocument(slices.Clone(doc))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flags.definitions = d
}

// Secret makes requests for definitions and remote config that do not carry key meet
// 401 from now on. Empty means that any key will do, but not none.
func (s *Sink) Secret(key string) { s.set(func(c *conditions) { c.secret = key }) }

// admitSecret checks the two keys of a request for definitions or remote config.
func (c conditions) admitSecret(req Request) error {
	scheme, secret, _ := strings.Cut(req.Header.Get("Authorization"), " ")
	secret = strings.TrimSpace(secret)
	if !strings.EqualFold(scheme, "bearer") || secret == "" {
		return refuse(http.StatusUnauthorized, "Authorization is missing or no bearer token")
	}
	if c.secret != "" && secret != c.secret {
		return refuse(http.StatusUnauthorized, "the secret key is another one")
	}
	// What is wrong with a query leaves the rest of it readable.
	q, _ := url.ParseQuery(req.Query)
	return c.authorize(q.Get("token"))
}

// definitionsReply has the current document, or the status 304.
func (s *Sink) definitionsReply(req Request, c conditions) (reply, error) {
	if err := c.admitSecret(req); err != nil {
		return reply{}, err
	}
	if c.limited {
		return reply{}, &refusal{http.StatusPaymentRequired, "payment_required", "the quota of flag requests is used up"}
	}
	s.mu.Lock()
	d := s.flags.definitions
	s.mu.Unlock()
	if d.text == nil {
		d = noFlags
	}
	says := reply{status: http.StatusOK, text: d.text, contentType: isJSON, header: http.Header{}}
	says.header.Set("Cache-Control", "private, must-revalidate")
	says.header.Set("ETag", `W/"`+d.hash+`"`)
	if tag := req.Header.Get("If-None-Match"); tag != "" && d.matches(tag) {
		says.status = http.StatusNotModified
	}
	return says, nil
}

// DefinitionRequests returns the last 10,000 requests for definitions, oldest first,
// refused ones included.
func (s *Sink) DefinitionRequests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.polled.all()
}
