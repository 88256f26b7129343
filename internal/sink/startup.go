package sink

import (
	"net/http"
	"net/url"
	"strings"
)

// switchedOff is what PostHog says to posthog-js about a project whose features are all off
// but flags, as members of a JSON object. Surveys it leaves out: posthog-js fetches the
// script for them even if it is told that there are none.
const switchedOff = `"supportedCompression":["gzip","gzip-js"],"hasFeatureFlags":true,"analytics":{"endpoint":"/i/v0/e/"},` +
	`"autocapture_opt_out":true,"autocaptureExceptions":false,"captureDeadClicks":false,"capturePerformance":false,` +
	`"conversations":false,"defaultIdentifiedOnly":true,"elementsChainAsString":true,` +
	`"errorTracking":{"autocaptureExceptions":false,"suppressionRules":[]},"heatmaps":false,"isAuthenticated":false,` +
	`"logs":{"captureConsoleLogs":false},"productTours":false,"sessionRecording":false,"siteApps":[],"toolbarParams":{}`

// emptyLists are what posthog-js asks for beside flags and surveys.
var emptyLists = map[string]string{
	"/api/early_access_features": `{"earlyAccessFeatures":[]}`,
	"/api/product_tours":         `{"product_tours":[]}`,
	"/api/web_experiments":       `{"experiments":[]}`,
}

// isStartUp reports whether the path, without a closing slash, is one that posthog-js asks
// for when it starts.
func isStartUp(path string) bool {
	return emptyLists[path] != "" || strings.HasPrefix(path, "/array/") || strings.HasPrefix(path, "/static/")
}

// startUpReply has an empty list, or the project's configuration as JSON or as a script.
// The scripts of posthog-js itself it refuses: they are PostHog's to serve.
func (s *Sink) startUpReply(req Request, c conditions) (reply, error) {
	// What is wrong with a query leaves the rest of it readable.
	q, _ := url.ParseQuery(req.Query)
	path, key := strings.TrimSuffix(req.Path, "/"), q.Get("token")
	says := reply{status: http.StatusOK, text: []byte(emptyLists[path]), contentType: isJSON}
	if len(says.text) == 0 {
		rest, _ := strings.CutPrefix(path, "/array/") // what is no such path names no file, either
		var file string
		key, file, _ = strings.Cut(rest, "/")
		switch {
		case file == "config" && isKey(key):
			says.text = []byte(startConfig(key))
		case file == "config.js" && isKey(key):
			says.text, says.contentType = []byte(startScript(key)), isScript
		default:
			err := refuse(http.StatusNotFound, "PostHog's scripts are not served here: install posthog-js from npm")
			return reply{text: []byte(err.Error() + "\n"), contentType: isText}, err
		}
	}
	if err := c.authorize(key); err != nil {
		return reply{}, err
	}
	return says, nil
}

func startConfig(key string) string { return `{"token":"` + key + `",` + switchedOff + `}` }

func startScript(key string) string {
	return `(function(w){w._POSTHOG_REMOTE_CONFIG=w._POSTHOG_REMOTE_CONFIG||{};` +
		`w._POSTHOG_REMOTE_CONFIG["` + key + `"]={"config":` + startConfig(key) + `,"siteApps":[]}})(window);` + "\n"
}

// isKey reports whether the text can be a project key. Such a one needs no escaping
// in JSON or in a script.
func isKey(text string) bool { return len(text) <= maxName && isPlain(text, "_-.") }
