package traffic

// Events returns the data of the events in p.
func Events(limit int, pieces ...[]byte) (events []string, lost int64) {
	s := scanner{limit: limit, event: func(data []byte) { events = append(events, string(data)) }}
	for _, p := range pieces {
		_, _ = s.Write(p)
	}
	s.end()
	return events, s.lost
}
