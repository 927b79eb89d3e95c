// What the tests write into the library beside the built-in stories.

/** Three lines as they come out of a cluster at three in the morning. */
export const seen = "0/256 nodes are available, deployment stuck for an hour, subnet exhausted";

/** What nobody has ever seen. */
export const unheardOf = "zyxomma qwertzuiop blorft";

/** A story that fills every field. */
export const certificate = {
  title: "The checkout stopped at midnight because a mesh certificate had run out",
  organization: "Example Shop",
  summary:
    "Every call between services failed from midnight on. The intermediate certificate of the mesh had reached its end after a year, and nobody was told. A new one, and a restart of the proxies, ended it after 74 minutes.",
  symptom:
    "All services answered **503** at once, while their own health checks stayed green.\n\n```\nupstream connect error or disconnect/reset before headers. reset reason: connection failure,\ntransport failure reason: TLS error: 268435581:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED\n```\n\nDashboards showed `upstream_rq_503` rising from zero to everything within one minute.",
  root_cause:
    "The mesh signs the certificates of its proxies with an intermediate that was made by hand and valid for 365 days.\n\n1. The rotation renews the *leaf* certificates only.\n2. The alert on expiry looked at the leaves, which were always fresh.\n\n| certificate | valid for | watched |\n|---|---|---|\n| root | 10 years | no |\n| intermediate | 1 year | **no** |\n| leaf | 24 hours | yes |",
  contributing_factors: ["The intermediate was made by hand during a migration.", "Health checks did not pass through the mesh."],
  remediation:
    "1. Made a new intermediate: `step certificate create mesh-ca mesh-ca.crt mesh-ca.key --profile intermediate-ca`.\n2. Restarted the proxies, namespace by namespace.\n3. The whole chain is now watched, with a warning 30 days ahead.",
  category: "security",
  technologies: ["kubernetes", "istio", "envoy"],
  severity: "sev1",
  trigger: "performance-decay",
  detected_by: "customer-report",
  started_at: "2023-03-01T00:00Z",
  detected_at: "2023-03-01T00:09Z",
  resolved_at: "2023-03-01T01:14Z",
  impact: "11,400 checkouts failed (all of them for 74 minutes), counted from the payment log. No data was lost.",
  timeline: [
    { at: "2023-03-01T00:00Z", marker: "trigger", text: "The intermediate certificate reaches its end." },
    { at: "2023-03-01T00:09Z", marker: "detection", text: "A customer writes; four minutes later the pager follows." },
    { at: "2023-03-01T00:41Z", marker: "diagnosis", text: "`openssl s_client -showcerts` shows the second certificate of the chain as expired." },
    { at: "2023-03-01T01:14Z", marker: "repair", text: "The last proxy is restarted. Errors are back at zero." },
  ],
  lessons: "- Went well: the roll-back plan of the migration named the files.\n- Went badly: the alert watched what could not fail.\n- Luck: it was midnight, not noon.",
  action_items: [
    { text: "Watch every certificate of the chain", owner: "platform team", due: "2023-03-15", done: true },
    { text: "Send one health check through the mesh", owner: "checkout team", due: "2023-04-01", done: false },
  ],
  rules: [
    {
      kind: "log",
      name: "The mesh refuses its own certificates",
      text: "set:\n  window: 30s\n  match:\n    - value: CERTIFICATE_VERIFY_FAILED\n      count: 3\n",
      fires_on: [
        "2023-03-01T00:00:02Z cart upstream connect error: TLS error: SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED\n2023-03-01T00:00:03Z cart retrying payment, attempt 2 of 3\n2023-03-01T00:00:03Z payment upstream connect error: TLS error: SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED\n2023-03-01T00:00:04Z search upstream connect error: TLS error: SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED\n",
      ],
      silent_on: [
        "2023-02-11T09:12:30Z cart upstream connect error: TLS error: SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED\n2023-02-11T09:12:31Z cart answered by another instance of payment\n",
      ],
      also_fires: [{ on: "patterns/exposed-dashboard-runs-miner", because: "Its proxies log the same refusal once the intruder has replaced their certificates." }],
    },
    {
      kind: "metric",
      name: "A certificate of the chain ends soon",
      text: "alert: MeshCertificateEndsSoon\nexpr: min(mesh_certificate_not_after_seconds) - time() < 30 * 86400\nfor: 1h\n",
    },
  ],
  checks: [
    {
      command: "step certificate inspect mesh-ca.crt --format json | jq -r .validity.end",
      means: "A day in the past: it is this failure. A day to come: look at the leaves, which another failure lets run out.",
      apart_from: "patterns/exposed-dashboard-runs-miner",
    },
    { command: "kubectl -n mesh get secret mesh-ca -o jsonpath='{.metadata.creationTimestamp}'", means: "More than 365 days ago, and nobody has renewed it since." },
  ],
  references: [{ kind: "report", title: "What happened on 1 March", url: "https://shop.example/postmortems/2023-03-01" }],
  provenance: { id: "SHOP-2023-0007", source: "https://shop.example/failures/7", author: "the Example Shop", license: "CC-BY-4.0" },
};

/** A story that its rules prove, and that says what to run to be sure. */
export const proven = {
  title: "Kafka consumers that were thrown out of their group for being slow",
  organization: "Example Freight",
  summary: "Every rebalance made the consumers slower, and every slow consumer made a rebalance. Orders arrived an hour late.",
  symptom: "The consumers logged `Member left group because consumer poll timeout has expired` again and again, and the lag grew.",
  root_cause: "A batch of 500 records took longer than `max.poll.interval.ms` allows, so that the broker took the consumer for dead.",
  remediation: "1. Lowered `max.poll.records` to 50.\n2. Raised `max.poll.interval.ms` to ten minutes.",
  category: "configuration",
  technologies: ["kafka"],
  rules: [
    {
      kind: "log",
      name: "A slow consumer is thrown out and the group rebalances",
      text: "sequence:\n  window: 30s\n  order:\n    - value: consumer poll timeout has expired\n    - value: Preparing to rebalance group\n",
    },
    {
      kind: "log",
      name: "The offset of a member that is no longer in the group",
      text: "set:\n  window: 60s\n  match:\n    - value: consumer poll timeout has expired\n    - value: CommitFailedException\n",
    },
  ],
  checks: [
    {
      command: "kafka-consumer-groups.sh --bootstrap-server localhost:9092 --describe --group orders --state",
      means: "PreparingRebalance, minute after minute: the members are thrown out faster than they come back.",
    },
  ],
};

/** What its rule fires on, with what must not be shown again. */
export const proof = `2024-03-01T10:00:01Z orders-7 INFO connected to broker-2.internal as mallory@freight.invalid
2024-03-01T10:00:02Z orders-7 DEBUG authorization: Bearer ghp_16C7e42F292c6912E7710c838347Ae178B4a
2024-03-01T10:05:03Z orders-7 WARN Member orders-7 left group because consumer poll timeout has expired
2024-03-01T10:05:04Z broker-2 INFO Preparing to rebalance group orders in state PreparingRebalance
2024-03-01T10:05:09Z orders-7 INFO joined group orders, generation 812`;

/** A sentence, two objects and a log line, each of which a built-in rule knows. */
export const mixed = `We upgraded the cluster and everything timed out
apiVersion: apps/v1
kind: Deployment
metadata:
  name: frontend
  namespace: web
spec:
  replicas: 3
  template:
    spec:
      containers:
        - name: web
          image: nginx
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata:
  name: opa
webhooks:
  - name: validate.opa.example
    failurePolicy: Fail
    timeoutSeconds: 30
    rules:
      - apiGroups: ["*"]
        apiVersions: ["*"]
        operations: ["*"]
        resources: ["*"]
---
2024-03-01T10:00:00Z 0/256 nodes are available: IP_SPACE_EXHAUSTED`;

/** The same within a long log. */
export const longProof = () => {
  const noise = (from, count) =>
    Array.from({ length: count }, (_, at) => `2024-03-01T10:0${from}:${String(at % 60).padStart(2, "0")}Z orders-7 INFO fetched ${at + 3} records of partition ${at % 12}`);
  return [...noise(0, 55), ...proof.split("\n"), ...noise(6, 80)].join("\n");
};

/** The beginning of a story that somebody else has told already. */
export const similar = {
  title: "Pods without an address: the node pool had used up its pod range",
  symptom: "A deployment hung for an hour. The scheduler said `0/256 nodes are available`, and new nodes did not come: IP_SPACE_EXHAUSTED in the subnet.",
};

/** Stories that strain a page: other directions, other scripts, words without an end. */
export const strains = {
  "a-word-without-end": {
    title: `Unbroken ${"abcdefghij".repeat(14)}`,
    organization: "W".repeat(120),
    summary: "x".repeat(5_000),
    symptom: `${"y".repeat(5_000)}\n\n\`${"z".repeat(5_000)}\`\n\n    ${"code".repeat(600)}`,
    root_cause: `See https://example.com/${"long".repeat(400)}\n\n| a | b |\n|---|---|\n| ${"t".repeat(900)} | ${"u".repeat(900)} |`,
    contributing_factors: ["f".repeat(300)],
    remediation: `1. ${"r".repeat(2_000)}`,
    category: "storage",
    technologies: ["t".repeat(40), "kubernetes"],
    timeline: [{ at: "n".repeat(150), marker: "trigger", text: "w".repeat(2_000) }],
    rules: [{ kind: "log", name: "n".repeat(150), text: `set:\n  match:\n    - value: ${"v".repeat(2_000)}` }],
    references: [{ kind: "report", title: "", url: `https://example.com/${"path".repeat(200)}` }],
    action_items: [{ text: "a".repeat(300), owner: "o".repeat(150), due: "2024-01-01", done: false }],
  },
  arabic: {
    title: "توقفت خدمة الدفع لأن قرص قاعدة البيانات امتلأ",
    organization: "متجر المثال",
    summary: "توقفت جميع عمليات الدفع لمدة ساعة. امتلأ قرص قاعدة البيانات `postgres` بسبب سجلات لم تُحذف. أنهى توسيع القرص المشكلة.",
    symptom: "ظهرت رسالة `No space left on device` في كل خدمة، ثم توقفت الكتابة تمامًا.\n\n```\nPANIC: could not write to file \"pg_wal/xlogtemp.812\": No space left on device\n```",
    root_cause: "لم تكن هناك مراقبة لمساحة القرص، ولم يكن أرشيف السجلات يعمل منذ أسبوع.",
    contributing_factors: ["لم يكن أحد يتلقى التنبيهات ليلًا"],
    remediation: "1. تم توسيع القرص إلى 500 GiB.\n2. أضيف تنبيه عند امتلاء 80% من القرص.",
    category: "storage",
    technologies: ["postgresql"],
    severity: "sev2",
    timeline: [{ at: "2022-05-04T02:10Z", marker: "detection", text: "وصل أول بلاغ من عميل." }],
  },
  chinese: {
    title: "节点磁盘写满导致整个集群的 Pod 被驱逐",
    organization: "示例商店",
    summary: "日志没有轮转,节点磁盘在凌晨写满,所有 Pod 被驱逐,服务中断约四十分钟。清理日志并开启轮转后恢复。",
    symptom: "大量 Pod 处于 Evicted 状态,事件里反复出现 `The node was low on resource: ephemeral-storage`。重新创建的 Pod 几分钟后又被驱逐。",
    root_cause: "某个服务把调试日志写到容器的文件系统里,kubelet 的容器日志轮转对它不起作用。节点的临时存储没有设置上限。",
    contributing_factors: ["磁盘告警阈值设为 95%,离驱逐阈值太近"],
    remediation: "1. 删除旧日志并重启 kubelet。\n2. 为每个容器设置 `ephemeral-storage` 上限。",
    category: "storage",
    technologies: ["kubernetes"],
    severity: "sev2",
    timeline: [{ at: "2021-11-02T03:20+08:00", marker: "detection", text: "值班同事收到节点 NotReady 告警。" }],
  },
};

/** Enough of a story for the form to take it. No two words give stories that are alike. */
export const small = (word) => ({
  title: `${word} froze the ${word}house`,
  organization: `${word} Gardens`,
  summary: `The ${word}stats ignored every ${word}setting for a night.`,
  symptom: `${word}stat logged \`${word}point rejected: ${word}guard engaged\` and ${word}matoes turned blue.`,
  root_cause: `The ${word}guard compared Celsius with Fahrenheit.`,
  category: "configuration",
  remediation: `1. Turned the ${word}guard off.`,
});

/** Publishes a story through the API and gives the path of its page. */
export const publish = async (site, story) => {
  const response = await fetch(`${site.url}/api/v1/stories`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(story),
  });
  if (response.status !== 201) throw new Error(`not published: ${response.status} ${await response.text()}`);
  return new URL(response.headers.get("location"), site.url).pathname.replace("/api/v1", "");
};

/** Types a story into the form that is open. */
export const fill = async (page, story) => {
  for (const [name, value] of Object.entries(story)) {
    const field = page.locator(`#${name}`);
    if (name === "category") await field.selectOption(value);
    else await field.fill(value);
  }
};

/** Unfolds the rules of the form and writes the first one, with what it must fire on and what not. */
export const fillRule = async (page, rule) => {
  const details = page.locator("details.form-more-section", { has: page.locator("[data-list=rules]") });
  if (!(await details.evaluate((element) => element.open))) await details.locator("> summary").click();
  await page.locator("#rules-0-name").fill(rule.name);
  await page.locator("#rules-0-text").fill(rule.text);
  await page.locator("#rules-0-fires_on-0").fill(rule.fires_on[0]);
  await page.locator("#rules-0-silent_on-0").fill(rule.silent_on[0]);
};

/** A few hundred lines of log, of which some matter. */
export const longPaste = () => {
  const lines = [];
  for (let second = 0; second < 400; second += 1) {
    const time = `2024-05-01T03:${String(Math.floor(second / 60) + 10).padStart(2, "0")}:${String(second % 60).padStart(2, "0")}Z`;
    if (second % 90 === 30) lines.push(`${time} Warning FailedScheduling pod/web-7d4b9c-${second} 0/256 nodes are available: 256 Insufficient cpu.`);
    else if (second === 200) lines.push(`${time} cluster-autoscaler scale up failed: IP_SPACE_EXHAUSTED, no free addresses in subnet default range pods`);
    else lines.push(`${time} level=info msg="reconciled" object=deployment/web generation=${second}`);
  }
  return lines.join("\n");
};
