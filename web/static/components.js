// Wakes the GOV.UK Frontend components that stand on the page.
import { initAll } from "./govuk-frontend.min.js";

initAll();
