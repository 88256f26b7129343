// Package phopenfeature serves the feature flags of a ph.Client through OpenFeature
// (https://openfeature.dev).
//
//	var changes phopenfeature.Changes
//	client, err := ph.New(ph.Config{
//		APIKey:         "phc_…",
//		SecretKey:      os.Getenv("POSTHOG_SECRET_KEY"),
//		OnFlagsChanged: changes.FlagsChanged,
//	})
//	provider := phopenfeature.New(client, phopenfeature.Follow(&changes))
//	err = openfeature.SetProviderAndWait(provider)
//
// The client evaluates flags as it does for everyone else: in this process if it can, with
// PostHog's help if it must, within Config.FlagTimeout. Each value that a user is given is
// reported once, as $feature_flag_called. The client belongs to the program, which closes
// it: [Provider.Shutdown] only ends the provider's events.
//
// # Who
//
// The targeting key is the distinct ID. Without one, whoever ph.With has put into the
// context is asked about; if that is nobody either, the answer is TARGETING_KEY_MISSING.
// Four attributes of the evaluation context have a meaning of their own:
//
//	groups            the key of each group, by type: {"organization": "acme"}
//	group_properties  properties of each group, by type: {"organization": {"seats": 5}}
//	device_id         for flags that are bucketed by device
//	person_properties properties of the person; they win over attributes of the same name
//
// All others are properties of the person. They are used for the evaluation, and sent to
// PostHog only when it is asked for a flag. One of the four that can not be what it is for
// is INVALID_CONTEXT.
//
// # What
//
// A flag that is off is false, or else the default of the call, without an error. What a
// flag that is on gives depends on the kind of value that is asked for:
//
//	boolean  true, with or without a variant
//	string   its variant; without one, its payload, if that is text
//	int      its payload, if that is a whole number; without one, a variant that reads as such
//	float    its payload, if that is a number; without one, a variant that reads as such
//	object   its payload, if that is an object or a list
//
// Anything else is TYPE_MISMATCH, and a payload that is no JSON is PARSE_ERROR; either
// gives the default. The variant of the answer is PostHog's: its key, or "true" or "false".
//
//	reason           PostHog's
//	TARGETING_MATCH  condition_match without a variant, super_condition_value
//	SPLIT            condition_match with a variant, out_of_rollout_bound, holdout_condition_value
//	DEFAULT          no_condition_match, no_group_type, missing_dependency
//	DISABLED         flag_disabled
//	STATIC           a value of ph.OverrideFlags
//	UNKNOWN          none, as older servers give, or another
//
// Flag metadata have "source" ("local", "remote" or "override"), and "reason" (PostHog's),
// "id" and "version" if they are known.
//
// A flag that nobody knows is an error and gives the default:
//
//	FLAG_NOT_FOUND         PostHog has no such flag, or there is no definition of it and PostHog may not be asked
//	TARGETING_KEY_MISSING  there is no distinct ID
//	PROVIDER_NOT_READY     there are no definitions yet and PostHog may not be asked, or the client is closed or disabled
//	GENERAL                PostHog did not answer, or could not tell; the message has the code of ph.FlagError
//
// # When
//
// Initialisation waits for the first fetch of definitions, if the client evaluates by any,
// and is an error if that fails: the provider is then in state ERROR, which is no obstacle
// to asking PostHog for each flag, and READY as soon as definitions come. It is STALE when
// they could not be fetched again for 5 minutes, until they can. Definitions that differ
// are PROVIDER_CONFIGURATION_CHANGED. All this is told within 30 s, and of new definitions
// at once if [Follow] brings the news. A client that evaluates by none is always READY.
//
// # Tracking
//
// [Provider.Track] captures an event: the details' attributes are its properties, and their
// number, unless it is 0, is the property "value".
package phopenfeature
