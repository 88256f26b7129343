// The page of phgen dev: it joins the parts and shows the view that the address names.
import "./chart.js";
import { byID, viewOf } from "./dom.js";
import { startCoverage } from "./coverage.js";
import { eventGrid, startEvents } from "./events.js";
import { exceptionList, startExceptions } from "./exceptions.js";
import { startFaults } from "./faults.js";
import { startFlags } from "./flags.js";
import { showViews, startHeader } from "./header.js";
import { setList, startKeys } from "./keys.js";
import { startPanel } from "./panel.js";
import { leavePerson, peopleList, startPeople } from "./people.js";
import { requestGrid, startRequests } from "./requests.js";
import { onRoute, route, views } from "./route.js";
import { connect } from "./stream.js";
import { startTraces, traceList } from "./traces.js";

const showView = (now, before) => {
  document.body.dataset.view = route.view;
  for (const view of views) viewOf(view).hidden = view !== route.view;
  showViews();
  if (before && before.view !== route.view) byID("main").focus({ preventScroll: true });
};

// gridList is how the keyboard uses a grid; of() is the one that is in sight.
const gridList = (of, leave) => ({
  move: (by) => of().move(by),
  open: () => of().openSelected(),
  focus: () => of().root.focus({ preventScroll: true }),
  top: () => {
    of().select(undefined);
    of().toTop();
  },
  leave: () => (of().selected === undefined && leave ? leave() : of().select(undefined)),
});

onRoute(showView);
showView(route);
for (const start of [startHeader, startFaults, startEvents, startPeople, startExceptions, startTraces, startFlags, startCoverage, startRequests, startPanel]) start();
setList("events", gridList(() => eventGrid));
setList("people", gridList(peopleList, leavePerson));
setList("requests", gridList(() => requestGrid));
setList("exceptions", exceptionList);
setList("traces", traceList);
startKeys();
connect();
