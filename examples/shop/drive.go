package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
)

// A browser is one person's: it has cookies, and headers that it sends with every request.
type browser struct {
	client *http.Client
	url    string
	header map[string]string
}

// A step is one request and what must come of it.
type step struct {
	method, path string
	form         url.Values
	claims       string // to be that user; empty: who the browser says
	statuses     []int  // one of these
	mail         string // the subject of a letter to wait for; empty: none
}

func get(path string, statuses ...int) step {
	return step{method: http.MethodGet, path: path, statuses: statuses}
}

// post sends a form, written as a query.
func post(path, form string, status int) step {
	values, err := url.ParseQuery(form)
	if err != nil {
		values = url.Values{"malformed": {err.Error()}} // which no endpoint takes
	}
	return step{method: http.MethodPost, path: path, form: values, statuses: []int{status}}
}

func (s step) claiming(user string) step { s.claims = user; return s }

func (s step) awaiting(subject string) step { s.mail = subject; return s }

func newBrowser(transport http.RoundTripper, url string, header map[string]string) (*browser, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	return &browser{&http.Client{Transport: transport, Jar: jar}, url, header}, nil
}

// do sends the request and reads the answer.
func (b *browser) do(ctx context.Context, s step) error {
	r, err := http.NewRequestWithContext(ctx, s.method, b.url+s.path, strings.NewReader(s.form.Encode()))
	if err != nil {
		return err
	}
	for name, value := range b.header {
		r.Header.Set(name, value)
	}
	if s.form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if s.claims != "" {
		r.Header.Set(headerUser, s.claims)
	}
	reply, err := b.client.Do(r)
	if err != nil {
		return err
	}
	defer reply.Body.Close()
	body, err := io.ReadAll(reply.Body)
	if err != nil {
		return err
	}
	if !slices.Contains(s.statuses, reply.StatusCode) {
		return fmt.Errorf("%s %s: got status %d (%s), want one of %v",
			s.method, s.path, reply.StatusCode, strings.TrimSpace(string(body)), s.statuses)
	}
	return nil
}

// visitAll has everybody visit the shop, one after the other, so that the story is the same
// every time. Work that a request leaves behind is done when the customer has mail.
func visitAll(ctx context.Context, url string, mail <-chan letter) error {
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	for _, p := range people {
		b, err := newBrowser(transport, url, p.header)
		if err != nil {
			return err
		}
		for _, s := range p.steps {
			err := b.do(ctx, s)
			if err == nil && s.mail != "" {
				err = await(ctx, mail, s.mail)
			}
			if err != nil {
				return fmt.Errorf("%s: %w", p.name, err)
			}
		}
	}
	return nil
}

func await(ctx context.Context, mail <-chan letter, subject string) error {
	select {
	case l := <-mail:
		if l.subject != subject {
			return fmt.Errorf("got the letter %q, want %q", l.subject, subject)
		}
		return nil
	case <-ctx.Done():
		return errors.Join(fmt.Errorf("waiting for the letter %q", subject), context.Cause(ctx))
	}
}
