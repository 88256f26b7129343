package devserver

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// No request is a bug, and every answer of the API is JSON.
func FuzzServeHTTP(f *testing.F) {
	for _, r := range routes {
		f.Add(r.method, pathOf(r.path), host, `{"value":true,"spec":"503"}`)
	}
	for _, target := range []string{"/batch/?compression=gzip", "/api/events?since=-1&limit=9", "//api/../_dev/%2e%2e", "/api/traces/%2F%00", "/api/wait?n=9&timeout=1ns"} {
		f.Add("GET", target, "[::1]:80", signedUp)
	}
	f.Fuzz(func(t *testing.T, method, target, host, body string) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel() // or streams would not end
		req, err := http.NewRequestWithContext(ctx, method, "http://localhost"+target, strings.NewReader(body))
		if err != nil {
			return
		}
		r := newRig(t)
		defer r.Close()
		req.Host = host
		req.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		func() {
			defer func() {
				if v := recover(); v != nil && v != http.ErrAbortHandler {
					panic(v)
				}
			}()
			r.ServeHTTP(w, req)
		}()
		if log := r.log.String(); w.Code == http.StatusInternalServerError || log != "" {
			t.Errorf("got %d %s and the log %s", w.Code, w.Body, log)
		}
		isJSON := w.Header().Get("Content-Type") == "application/json"
		if _, _, own := strings.Cut(req.Pattern, " "); own && isJSON && w.Body.Len() > 0 && !json.Valid(w.Body.Bytes()) {
			t.Errorf("got %s", w.Body)
		}
	})
}
