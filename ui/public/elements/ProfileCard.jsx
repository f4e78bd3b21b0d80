import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Textarea } from "@/components/ui/textarea";

// The user's profile as text that the user edits. Props: { markdown }.
export default function ProfileCard() {
  const [text, setText] = useState(props.markdown);
  const [told, setTold] = useState("");
  return (
    <div className="w-full flex flex-col gap-2" data-testid="profile">
      <Textarea
        aria-label="Your profile"
        value={text}
        rows={Math.max(6, text.split("\n").length + 1)}
        onChange={(event) => setText(event.target.value)}
      />
      <div className="flex items-center gap-2">
        <Button size="sm" onClick={() => { setTold("Saved."); callAction({ name: "profile", payload: { markdown: text } }); }}>
          Save
        </Button>
        <span className="text-xs text-muted-foreground">{told}</span>
      </div>
    </div>
  );
}
