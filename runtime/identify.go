package runtime

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/phgen/phgen/runtime/value"
)

// Identify sends $identify: set becomes properties of the user's person, setOnce those
// that it does not have yet. Whose person it is say the scope or [As]; without a
// user the call is refused, and returns the zero UUID. [Anonymous] merges the person of
// an anonymous ID into it.
func Identify(ctx context.Context, set, setOnce Props, opts ...Option) uuid.UUID {
	w := begin(ctx, &untypedPerson, "$identify", opts, true)
	if len(set) > 0 {
		w.any("$set", map[string]any(set))
	}
	if len(setOnce) > 0 {
		w.any("$set_once", map[string]any(setOnce))
	}
	id, _ := w.End()
	return id
}

// Alias makes alias and distinctID one person: that of alias is merged into that of
// distinctID. PostHog does so only while alias was never identified. Equal or
// empty IDs are refused, and the zero UUID is returned.
func Alias(ctx context.Context, distinctID, alias string) uuid.UUID {
	w := begin(ctx, &untypedPerson, "$create_alias", []Option{As(distinctID)}, true)
	if !w.off {
		merged, cut := cleanID(alias)
		w.cutID = w.cutID || cut
		own, _ := cleanID(distinctID)
		if own == "" || merged == "" || own == merged {
			w.off, w.err = true, fmt.Errorf("%w: Alias needs two different IDs", ErrInvalid)
		}
		if !w.lane.v1 { // which wants it beside the event's name alone
			w.any("distinct_id", own)
		}
		w.any("alias", merged)
	}
	id, _ := w.End()
	return id
}

// GroupIdentify sends $groupidentify: props become properties of the group key of
// groupType, and its property "name" what PostHog shows. An empty type or key is
// refused, and the zero UUID returned. Without a user the event belongs to the ID "$<type>_<key>".
func GroupIdentify(ctx context.Context, groupType, key string, props Props, opts ...Option) uuid.UUID {
	w := begin(ctx, &untypedGroup, "$groupidentify", opts, true)
	if !w.off {
		groupType, key = value.Clean(groupType), value.Clean(key)
		if groupType == "" || key == "" {
			w.off, w.err = true, fmt.Errorf("%w: GroupIdentify needs a type and a key", ErrInvalid)
		}
		if w.late == lateGroup {
			w.distinctID, _ = cleanID("$" + groupType + "_" + key)
		}
		if props == nil {
			props = Props{}
		}
		w.any("$group_type", groupType)
		w.any("$group_key", key)
		w.any("$group_set", map[string]any(props))
	}
	id, _ := w.End()
	return id
}
