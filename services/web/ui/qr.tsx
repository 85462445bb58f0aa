// A QR code as one SVG path; the encoder is loaded when the first is shown.
import { useEffect, useState } from 'preact/hooks';

interface Drawn {
  size: number;
  path: string;
}

async function draw(text: string): Promise<Drawn> {
  const { generate } = await import('lean-qr');
  const code = generate(text);
  let path = '';
  for (let y = 0; y < code.size; y++)
    for (let x = 0; x < code.size; x++)
      if (code.get(x, y))
        path += `M${x} ${y}h1v1h-1z`;
  return { size: code.size, path };
}

const QUIET = 4; // modules around it that stay white (ISO 18004)

export function Qr({ text, label }: { text: string; label: string }) {
  const [drawn, setDrawn] = useState<Drawn | undefined>();
  useEffect(() => {
    let current = true;
    void draw(text).then((d) => { if (current) setDrawn(d); });
    return () => { current = false; };
  }, [text]);
  const size = (drawn?.size ?? 25) + 2 * QUIET;
  return (
    <svg class="qr" role="img" aria-label={label}
      viewBox={`${-QUIET} ${-QUIET} ${size} ${size}`}>
      {drawn && <path d={drawn.path} />}
    </svg>
  );
}
