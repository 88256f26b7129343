// An application that asks a flag for two people and tells what it got, again and again, with
// the settings that phgen dev gives its command.
import { PostHog } from "posthog-node";

const { POSTHOG_API_KEY, POSTHOG_HOST, POSTHOG_SECRET_KEY, POSTHOG_FLAG_POLL_EVERY } = process.env;
const posthog = new PostHog(POSTHOG_API_KEY, {
  host: POSTHOG_HOST,
  personalApiKey: POSTHOG_SECRET_KEY,
  featureFlagsPollingInterval: parseInt(POSTHOG_FLAG_POLL_EVERY) * 1000,
  flushAt: 1,
});

for (;;) {
  for (const person of ["ada", "grace"]) {
    const variant = await posthog.getFeatureFlag("new-checkout", person, { onlyEvaluateLocally: true });
    posthog.capture({ distinctId: person, event: "checkout_shown", properties: { variant: variant ?? "unknown" } });
  }
  await new Promise((done) => setTimeout(done, 100));
}
