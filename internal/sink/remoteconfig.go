package sink

import (
	"net/http"
	"slices"
	"strings"
)

// A ConfigRequest is one request for remote config.
type ConfigRequest struct {
	Request
	Key string // of the flag
}

// configKey returns the key in a path of remote config.
func configKey(path string) (key string, ok bool) {
	path, ok = strings.CutPrefix(strings.TrimSuffix(path, "/"), "/api/projects/")
	if !ok {
		return "", false
	}
	_, path, _ = strings.Cut(path, "/") // the project is that of the token
	if path, ok = strings.CutPrefix(path, "feature_flags/"); !ok {
		return "", false
	}
	key, ok = strings.CutSuffix(path, "/remote_config")
	return key, ok && key != ""
}

// SetRemoteConfig makes payload, which is JSON, the remote config of the key. An
// empty one is a flag without a payload.
func (s *Sink) SetRemoteConfig(key string, payload []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.flags.configs == nil {
		s.flags.configs = map[string][]byte{}
	}
	s.flags.configs[key] = slices.Clone(payload)
}

// configReply has a payload: a JSON string that holds JSON, or nothing.
func (s *Sink) configReply(req Request, c conditions) (reply, error) {
	if err := c.admitSecret(req); err != nil {
		return reply{}, err
	}
	key, _ := configKey(req.Path) // there is one, or this were another endpoint
	s.mu.Lock()
	payload, ok := s.flags.configs[key]
	s.mu.Unlock()
	if !ok {
		return reply{}, refuse(http.StatusNotFound, "flag %q has no remote config", key)
	}
	says := reply{status: http.StatusOK, text: []byte{}, contentType: isJSON}
	if len(payload) > 0 {
		says.text = marshal(string(payload))
	}
	return says, nil
}

// ConfigRequests returns the last 10,000 requests for remote config, oldest first,
// refused ones included.
func (s *Sink) ConfigRequests() []ConfigRequest {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.configured.all()
}
