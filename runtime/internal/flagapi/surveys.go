package flagapi

import (
	"context"
	"net/http"
	"net/url"
)

const maxSurveys = 16 << 20 // bytes, inflated

// Surveys loads the document of all surveys, unread. It is public: no secret is sent.
func (c *Client) Surveys(ctx context.Context) ([]byte, error) {
	r, err := c.do(ctx, &call{
		method: http.MethodGet,
		url:    "/api/surveys/?token=" + url.QueryEscape(c.cfg.Token),
		header: http.Header{},
		limit:  maxSurveys,
	})
	if err != nil {
		return nil, err
	}
	if r.status == http.StatusNotModified {
		return nil, &StatusError{Status: r.status}
	}
	return r.body, nil
}
