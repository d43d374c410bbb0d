export { WelcomeBanner } from "./WelcomeBanner.tsx";
