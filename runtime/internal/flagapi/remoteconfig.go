package flagapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/phgen/phgen/runtime/internal/origin"
)

const maxRemoteConfig = 16 << 20 // bytes, inflated

// RemoteConfig loads the payload of the flag key, decrypted if it is encrypted and the
// secret may see it, as compact JSON. It reports false if the flag has none. A flag that
// does not exist is a *StatusError with status 404.
func (c *Client) RemoteConfig(ctx context.Context, key string) (document string, ok bool, err error) {
	h, err := c.bearer()
	if err != nil {
		return "", false, err
	}
	if key == "" {
		return "", false, errors.New("the flag has no key")
	}
	r, err := c.do(ctx, &call{
		method: http.MethodGet,
		url:    "/api/projects/@current/feature_flags/" + segment(key) + "/remote_config?token=" + url.QueryEscape(c.cfg.Token),
		header: h,
		limit:  maxRemoteConfig,
	})
	if err != nil {
		return "", false, err
	}
	if r.status == http.StatusNotModified {
		return "", false, &StatusError{Status: r.status}
	}
	return remoteConfig(r.body)
}

// segment returns key as one segment of a path, from which "." and ".." do not lead away.
func segment(key string) string {
	if key == "." || key == ".." {
		return strings.ReplaceAll(key, ".", "%2E")
	}
	return url.PathEscape(key)
}

// remoteConfig reads an answer. Payloads are stored as JSON text, so what arrives is most
// often a string that holds JSON; any other string is a payload itself.
func remoteConfig(body []byte) (document string, ok bool, err error) {
	if body = bytes.TrimSpace(body); len(body) == 0 {
		return "", false, nil
	}
	if !json.Valid(body) {
		return "", false, origin.Garbled("the body is no JSON")
	}
	if body[0] == '"' {
		var inner string
		if err := json.Unmarshal(body, &inner); err != nil {
			return "", false, origin.Garbled("the body is no JSON")
		}
		switch {
		case inner == "":
			return "", false, nil
		case json.Valid([]byte(inner)):
			body = bytes.TrimSpace([]byte(inner))
		}
	}
	if string(body) == "null" {
		return "", false, nil
	}
	return compact(body), true, nil
}
