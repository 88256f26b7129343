package phtest

// A FlagRequest is one request for values of flags.
type FlagRequest struct {
	Path   string // with its closing slash, if it had one
	Status int    // of the reply; 0 if there was none

	DistinctID string
	DeviceID   string // $device_id of the person if the request itself has none

	// Groups, PersonProperties and GroupProperties are as they were sent: nil if they
	// were not; numbers are json.Number.
	Groups           map[string]any
	PersonProperties map[string]any
	GroupProperties  map[string]map[string]any

	Keys         []string // of the only flags that were wanted; nil is all
	GeoIPDisable *bool    // nil if it was not sent

	// Problems are what PostHog forgives but a good client does not do, such as to
	// send a key twice, null for a map, or the secret key.
	Problems []string
}

// FlagRequests returns the requests for values of flags, refused ones included, in the
// order of arrival: the last 10,000. What could not be read of one is zero.
func (s *Server) FlagRequests() []FlagRequest {
	asked := s.sink.FlagRequests()
	requests := make([]FlagRequest, len(asked))
	for i, r := range asked {
		requests[i] = FlagRequest{
			Path:             r.Path,
			Status:           r.Status,
			DistinctID:       r.DistinctID,
			DeviceID:         r.DeviceID,
			Groups:           r.Groups,
			PersonProperties: r.PersonProperties,
			GroupProperties:  r.GroupProperties,
			Keys:             r.Keys,
			GeoIPDisable:     r.GeoIPDisable,
			Problems:         r.Problems,
		}
	}
	return requests
}

// A DefinitionRequest is one request for definitions of flags.
type DefinitionRequest struct {
	IfNoneMatch string // the ETag that the client has
	Status      int    // of the reply, 304 if that ETag is the current one; 0 if there was none
}

// DefinitionRequests returns the requests for definitions, refused ones included, in
// the order of arrival: the last 10,000.
func (s *Server) DefinitionRequests() []DefinitionRequest {
	polled := s.sink.DefinitionRequests()
	requests := make([]DefinitionRequest, len(polled))
	for i, r := range polled {
		requests[i] = DefinitionRequest{IfNoneMatch: r.Header.Get("If-None-Match"), Status: r.Status}
	}
	return requests
}

// RemoteConfigRequests returns the keys of the flags whose remote config was requested,
// refused requests included, in the order of arrival: the last 10,000.
func (s *Server) RemoteConfigRequests() []string {
	asked := s.sink.ConfigRequests()
	keys := make([]string, len(asked))
	for i, r := range asked {
		keys[i] = r.Key
	}
	return keys
}
