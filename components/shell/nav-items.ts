import { Activity, ArrowLeftRight, Landmark, LayoutDashboard, ListOrdered } from "lucide-react";

/** The five places, in the order of the rail and of the tabs. */
export const NAV_ITEMS = [
  { href: "/dashboard", label: "Dashboard", icon: LayoutDashboard },
  { href: "/orders", label: "Orders", icon: ListOrdered },
  { href: "/trade", label: "Trade", icon: ArrowLeftRight },
  { href: "/activity", label: "Activity", icon: Activity },
  { href: "/venues", label: "Venues", icon: Landmark },
] as const;
