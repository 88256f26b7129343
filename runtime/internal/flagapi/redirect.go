package flagapi

import (
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// redirect returns where an answer sends a request, or nil. Only 307 and 308 keep a
// POST what it is, and no key ever leaves the origin.
func redirect(method string, from *url.URL, status int, header http.Header) *url.URL {
	kinds := []int{http.StatusTemporaryRedirect, http.StatusPermanentRedirect}
	if method == http.MethodGet {
		kinds = append(kinds, http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther)
	}
	if !slices.Contains(kinds, status) {
		return nil
	}
	to, err := from.Parse(header.Get("Location"))
	if err != nil || to.User != nil || origin(to) != origin(from) {
		return nil
	}
	to.Fragment = ""
	return to
}

// origin returns the scheme, host and port of u.
func origin(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return u.Scheme + "://" + net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}
