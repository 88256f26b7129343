package runtime

import (
	"os"
	"strconv"
	"strings"
	"time"
)

// ConfigFromEnv reads POSTHOG_API_KEY, POSTHOG_HOST, POSTHOG_CAPTURE_MODE ("v0" or "v1"),
// POSTHOG_SECRET_KEY, POSTHOG_FLAG_POLL_EVERY (a duration like "10s"), POSTHOG_DISABLED (a
// boolean as strconv.ParseBool reads it) and DO_NOT_TRACK, which disables unless it is empty, "0" or "false". A value that can not be read is a
// *ConfigError, beside a Config that is disabled.
func ConfigFromEnv() (Config, error) {
	cfg := Config{APIKey: os.Getenv("POSTHOG_API_KEY"), SecretKey: os.Getenv("POSTHOG_SECRET_KEY"), Host: os.Getenv("POSTHOG_HOST")}
	switch v := os.Getenv("POSTHOG_CAPTURE_MODE"); strings.ToLower(v) {
	case "", "v0":
	case "v1":
		cfg.Protocol = V1
	default:
		cfg.Disabled = true
		return cfg, &ConfigError{Field: "Protocol", Value: v, Reason: "POSTHOG_CAPTURE_MODE must be v0 or v1"}
	}
	if v := os.Getenv("POSTHOG_FLAG_POLL_EVERY"); v != "" {
		every, err := time.ParseDuration(v)
		if err != nil {
			cfg.Disabled = true
			return cfg, &ConfigError{Field: "FlagPollEvery", Value: v, Reason: `POSTHOG_FLAG_POLL_EVERY must be a duration like "10s"`}
		}
		cfg.FlagPollEvery = every
	}
	if v := os.Getenv("POSTHOG_DISABLED"); v != "" {
		disabled, err := strconv.ParseBool(v)
		if err != nil {
			cfg.Disabled = true
			return cfg, &ConfigError{Field: "Disabled", Value: v, Reason: "POSTHOG_DISABLED must be true or false"}
		}
		cfg.Disabled = disabled
	}
	switch strings.ToLower(os.Getenv("DO_NOT_TRACK")) {
	case "", "0", "false":
	default:
		cfg.Disabled = true
	}
	return cfg, nil
}
