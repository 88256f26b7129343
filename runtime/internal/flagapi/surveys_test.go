package flagapi

import (
	"net/http"
	"testing"
)

func TestSurveys(t *testing.T) {
	var uri, auth string
	status := http.StatusOK
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		uri, auth = r.Method+" "+r.RequestURI, r.Header.Get("Authorization")
		w.WriteHeader(status)
		says(`{"surveys":[]}`)(w, r)
	})
	got, err := c.Surveys(t.Context())
	if string(got) != `{"surveys":[]}` || err != nil {
		t.Errorf("got %s, %v", got, err)
	}
	if want := "GET /api/surveys/?token=phc_token"; uri != want || auth != "" {
		t.Errorf("got request %q with Authorization %q, want %q without", uri, auth, want)
	}
	status = http.StatusBadGateway
	if _, err := c.Surveys(t.Context()); Code(err) != "api_error_502" {
		t.Errorf("got %v, want the status", err)
	}
	status = http.StatusNotModified
	if _, err := c.Surveys(t.Context()); Code(err) != "api_error_304" {
		t.Errorf("got %v, want the status", err)
	}
}
