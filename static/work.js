// Finds the proof of work of a submission without an account: a number that, behind the challenge, makes a SHA-256 with so
// many leading zero bits. In short stretches, so that typing goes on; the browser's own SHA-256 takes longer to call than
// this one to run, and is not there without HTTPS.

const K = new Uint32Array(64);
const START = new Uint32Array(8);
{
  // The first 32 bits of the fractions of the cube roots, and square roots, of the first primes.
  const fraction = (x) => ((x - Math.floor(x)) * 2 ** 32) | 0;
  let found = 0;
  for (let number = 2; found < 64; number++) {
    let isPrime = true;
    for (let factor = 2; factor * factor <= number; factor++) if (number % factor === 0) isPrime = false;
    if (!isPrime) continue;
    if (found < 8) START[found] = fraction(Math.sqrt(number));
    K[found++] = fraction(Math.cbrt(number));
  }
}

const words = new Uint32Array(64);
const turned = (x, by) => (x >>> by) | (x << (32 - by));

/** The first 32 bits of the SHA-256 of at most 55 bytes. */
export const firstBits = (bytes) => {
  words.fill(0, 0, 16);
  for (let at = 0; at < bytes.length; at++) words[at >> 2] |= bytes[at] << (24 - 8 * (at & 3));
  words[bytes.length >> 2] |= 0x80 << (24 - 8 * (bytes.length & 3));
  words[15] = bytes.length * 8;
  for (let at = 16; at < 64; at++) {
    const [x, y] = [words[at - 15], words[at - 2]];
    const low = turned(x, 7) ^ turned(x, 18) ^ (x >>> 3);
    const high = turned(y, 17) ^ turned(y, 19) ^ (y >>> 10);
    words[at] = words[at - 16] + low + words[at - 7] + high;
  }
  let [a, b, c, d, e, f, g, h] = START;
  for (let at = 0; at < 64; at++) {
    const high = turned(e, 6) ^ turned(e, 11) ^ turned(e, 25);
    const one = (h + high + ((e & f) ^ (~e & g)) + K[at] + words[at]) | 0;
    const low = turned(a, 2) ^ turned(a, 13) ^ turned(a, 22);
    const two = (low + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0];
  }
  return (START[0] + a) >>> 0;
};

const pause = () => new Promise((resolve) => setTimeout(resolve));

/** The answer to a challenge. */
export const answer = async (challenge, bits, told = () => {}) => {
  const encoder = new TextEncoder();
  const limit = 2 ** (32 - bits);
  for (let tried = 0; ; ) {
    const until = performance.now() + 24;
    while (performance.now() < until) {
      for (let more = 0; more < 200; more++, tried++) {
        if (firstBits(encoder.encode(`casebook:${challenge}:${tried}`)) < limit) return tried;
      }
    }
    told(tried);
    await pause();
  }
};

/** The buttons that hand a story in. */
const paid = "#save, [value=hand-in], [name=duplicate_ok], [name=secrets_ok], [name=blast_ok]";

const begin = (place) => {
  const form = place.closest("form");
  const field = place.querySelector("[name=work_answer]");
  const state = place.querySelector("[data-work-state]");
  const { challenge, bits } = place.dataset;
  let waiting = null;
  let asked = false;
  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    // Only what hands the story in has to be paid for, with what a notice asked for seen or without.
    if (field.value || (button && !button.matches(paid))) return;
    event.preventDefault();
    waiting = button;
    asked = true;
    state.textContent = "One moment: this browser shows that a person is waiting…";
  });
  answer(challenge, Number(bits)).then((found) => {
    field.value = String(found);
    state.textContent = "";
    if (asked) form.requestSubmit(waiting);
  });
};

if (typeof document !== "undefined") for (const place of document.querySelectorAll("[data-work]")) begin(place);
