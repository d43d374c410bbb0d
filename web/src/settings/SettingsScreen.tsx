import { AboutCard } from "./AboutCard.tsx";
import { AppearanceCard } from "./AppearanceCard.tsx";
import { EndpointsCard } from "./EndpointsCard.tsx";
import { OfflineCard } from "./OfflineCard.tsx";
import { ResetCard } from "./ResetCard.tsx";
import { StoresCard } from "./StoresCard.tsx";
import { TourCard } from "./TourCard.tsx";
import "./settings.css";

/** What this browser remembers of its user, and of stores. */
export default function SettingsScreen() {
  return (
    <div className="screen">
      <div className="screen-inner">
        <AppearanceCard />
        <EndpointsCard />
        <StoresCard />
        <TourCard />
        <OfflineCard />
        <ResetCard />
        <AboutCard />
      </div>
    </div>
  );
}
