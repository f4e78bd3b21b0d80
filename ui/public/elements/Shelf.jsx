import { useState } from "react";
import { Button } from "@/components/ui/button";

// One row of cards: real items or new designs. Props: { turn, kind, cards: [{position, title, price,
// picture, why: [text], note, score}] }. Buttons call the "shelf" action with what was chosen.
export default function Shelf() {
  const { turn, kind, cards } = props;
  const [chosen, setChosen] = useState([]);
  const [told, setTold] = useState("");

  const toggle = (position) =>
    setChosen(chosen.includes(position) ? chosen.filter((p) => p !== position) : [...chosen, position]);

  const tell = (what, positions, label) => {
    setTold(label);
    callAction({ name: "shelf", payload: { what, turn, positions } });
  };

  return (
    <div className="w-full" data-testid={`shelf-${kind}`}>
      <div style={{ display: "grid", gridTemplateColumns: "repeat(auto-fill, minmax(170px, 1fr))", gap: 12 }}>
        {cards.map((card) => {
          const on = chosen.includes(card.position);
          return (
            <div
              key={card.position}
              className="rounded-xl border bg-card text-card-foreground overflow-hidden flex flex-col"
              style={{ outline: on ? "2px solid hsl(var(--primary))" : "none" }}
            >
              <button
                type="button"
                aria-pressed={on}
                aria-label={`Choose ${card.title}`}
                onClick={() => toggle(card.position)}
                style={{ display: "block", width: "100%", padding: 0 }}
              >
                <img
                  src={card.picture}
                  alt={card.title}
                  style={{ width: "100%", aspectRatio: "1 / 1", objectFit: "cover", display: "block" }}
                />
              </button>
              <div className="p-3 flex flex-col gap-1 flex-1">
                <div className="text-sm font-medium leading-tight">
                  {card.position}. {card.title}
                </div>
                <div className="text-xs text-muted-foreground">{card.price}</div>
                <ul className="text-xs text-muted-foreground" style={{ paddingLeft: 14, listStyle: "disc" }}>
                  {card.why.map((why, index) => (
                    <li key={index}>{why}</li>
                  ))}
                </ul>
                {card.note ? <div className="text-xs text-muted-foreground">{card.note}</div> : null}
                <div className="flex gap-1 mt-auto pt-2 flex-wrap">
                  <Button size="sm" variant="outline" onClick={() => tell("accept", [card.position], `You like ${card.position}.`)}>
                    I like it
                  </Button>
                  <Button size="sm" variant="ghost" onClick={() => tell("reject", [card.position], `Not ${card.position}.`)}>
                    Not for me
                  </Button>
                  <Button size="sm" variant="ghost" onClick={() => tell("design", [card.position], `Designing like ${card.position} ...`)}>
                    Design one like it
                  </Button>
                </div>
              </div>
            </div>
          );
        })}
      </div>
      <div className="flex items-center gap-2 pt-2">
        {chosen.length > 0 ? (
          <Button size="sm" onClick={() => { tell("pick", chosen, `Chosen: ${chosen.join(", ")}.`); setChosen([]); }}>
            I prefer the {chosen.length} chosen
          </Button>
        ) : null}
        {told ? <span className="text-xs text-muted-foreground">{told}</span> : null}
      </div>
    </div>
  );
}
