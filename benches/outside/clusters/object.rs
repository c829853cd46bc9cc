//! Objects as a real API server gives them: some five kilobytes a pod, half of it `managedFields`.

use std::fmt::Write as _;

/// How many pods a deployment has.
pub const PODS: usize = 10;
/// How many replica sets are kept of a deployment: the one that serves, and earlier ones.
pub const SETS: usize = 3;

/// A deployment; so many of its pods are ready.
pub fn deployment(n: usize, version: u64, ready: usize) -> String {
    let (name, uid) = (name(n), uid(1, n));
    format!(
        r#"{{"apiVersion":"apps/v1","kind":"Deployment","metadata":{{"name":"{name}","namespace":"payments","uid":"{uid}","resourceVersion":"{version}","generation":7,"creationTimestamp":"2026-03-01T08:00:00Z","labels":{},"annotations":{{"deployment.kubernetes.io/revision":"{SETS}","kubernetes.io/change-cause":"release 2026.11 of {name}","kubectl.kubernetes.io/last-applied-configuration":"{}"}},"managedFields":{}}},"spec":{{"replicas":{PODS},"selector":{{"matchLabels":{{"app":"{name}"}}}},"template":{},"strategy":{{"type":"RollingUpdate","rollingUpdate":{{"maxUnavailable":0,"maxSurge":"25%"}}}},"revisionHistoryLimit":10,"progressDeadlineSeconds":600}},"status":{{"observedGeneration":7,"replicas":{PODS},"updatedReplicas":{PODS},"readyReplicas":{ready},"availableReplicas":{ready},"unavailableReplicas":{},"conditions":[{{"type":"Available","status":"True","lastUpdateTime":"2026-11-20T10:00:00Z","lastTransitionTime":"2026-11-20T10:00:00Z","reason":"MinimumReplicasAvailable","message":"Deployment has minimum availability."}},{{"type":"Progressing","status":"True","lastUpdateTime":"2026-11-20T10:02:11Z","lastTransitionTime":"2026-03-01T08:00:00Z","reason":"NewReplicaSetAvailable","message":"ReplicaSet \"{name}-5d4f8c7b9{SETS}\" has successfully progressed."}}]}}}}"#,
        labels(&name, ""),
        "x".repeat(1_400),
        managed(900),
        template(&name, SETS, ""),
        PODS - ready,
    )
}

/// One of a deployment's replica sets, from 1; the last one serves.
pub fn set(n: usize, set: usize, version: u64) -> String {
    let (name, uid, hash) = (name(n), uid(10 + set, n), hash(set));
    let replicas = if set == SETS { PODS } else { 0 };
    format!(
        r#"{{"apiVersion":"apps/v1","kind":"ReplicaSet","metadata":{{"name":"{name}-{hash}","namespace":"payments","uid":"{uid}","resourceVersion":"{version}","generation":2,"creationTimestamp":"2026-11-0{set}T09:00:00Z","labels":{},"annotations":{{"deployment.kubernetes.io/desired-replicas":"{PODS}","deployment.kubernetes.io/max-replicas":"13","deployment.kubernetes.io/revision":"{set}","kubernetes.io/change-cause":"release 2026.1{set} of {name}"}},"ownerReferences":[{{"apiVersion":"apps/v1","kind":"Deployment","name":"{name}","uid":"{}","controller":true,"blockOwnerDeletion":true}}],"managedFields":{}}},"spec":{{"replicas":{replicas},"selector":{{"matchLabels":{{"app":"{name}","pod-template-hash":"{hash}"}}}},"template":{}}},"status":{{"replicas":{replicas},"fullyLabeledReplicas":{replicas},"readyReplicas":{replicas},"availableReplicas":{replicas},"observedGeneration":2}}}}"#,
        labels(&name, &hash),
        self::uid(1, n),
        managed(900),
        template(&name, set, &hash),
    )
}

/// One of a deployment's pods.
pub fn pod(n: usize, pod: usize, version: u64, ready: bool) -> String {
    let (name, hash, uid) = (name(n), hash(SETS), uid(100 + pod, n));
    let (word, condition) = if ready { ("true", "True") } else { ("false", "False") };
    let conditions: Vec<String> =
        [("PodReadyToStartContainers", "True"), ("Initialized", "True"), ("Ready", condition), ("ContainersReady", condition), ("PodScheduled", "True")]
            .iter()
            .map(|(kind, status)| format!(r#"{{"type":"{kind}","status":"{status}","observedGeneration":1,"lastProbeTime":null,"lastTransitionTime":"2026-11-20T10:0{pod}:00Z"}}"#))
            .collect();
    let status = |container: &str, image: &str| {
        format!(
            r#"{{"name":"{container}","state":{{"running":{{"startedAt":"2026-11-20T10:01:00Z"}}}},"lastState":{{}},"ready":{word},"restartCount":0,"image":"{image}","imageID":"{image}@sha256:{}","containerID":"containerd://{}","started":true,"resources":{{"limits":{{"memory":"512Mi"}},"requests":{{"cpu":"250m","memory":"256Mi"}}}},"volumeMounts":[{{"name":"kube-api-access-7x2kq","mountPath":"/var/run/secrets/kubernetes.io/serviceaccount","readOnly":true,"recursiveReadOnly":"Disabled"}}]}}"#,
            "ab".repeat(32),
            "cd".repeat(32),
        )
    };
    let spec = template(&name, SETS, &hash);
    let spec = spec.split_once(r#""spec":{"#).map_or("", |(_, spec)| spec.trim_end_matches('}'));
    format!(
        r#"{{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"{name}-{hash}-{pod:05}","generateName":"{name}-{hash}-","namespace":"payments","uid":"{uid}","resourceVersion":"{version}","generation":1,"creationTimestamp":"2026-11-20T10:00:00Z","labels":{},"annotations":{{"prometheus.io/scrape":"true","prometheus.io/port":"9090","checksum/config":"{}"}},"ownerReferences":[{{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"{name}-{hash}","uid":"{}","controller":true,"blockOwnerDeletion":true}}],"managedFields":{}}},"spec":{{{spec},"nodeName":"node-{:03}","serviceAccount":"{name}","tolerations":[{{"key":"node.kubernetes.io/not-ready","operator":"Exists","effect":"NoExecute","tolerationSeconds":300}}],"volumes":[{{"name":"kube-api-access-7x2kq","projected":{{"sources":[{{"serviceAccountToken":{{"expirationSeconds":3607,"path":"token"}}}}],"defaultMode":420}}}}]}},"status":{{"phase":"Running","conditions":[{}],"hostIP":"10.0.0.{pod}","hostIPs":[{{"ip":"10.0.0.{pod}"}}],"podIP":"10.1.0.{pod}","podIPs":[{{"ip":"10.1.0.{pod}"}}],"startTime":"2026-11-20T10:00:00Z","containerStatuses":[{},{}],"qosClass":"Burstable"}}}}"#,
        labels(&name, &hash),
        "ef".repeat(32),
        self::uid(10 + SETS, n),
        managed(1_200),
        n % 100,
        conditions.join(","),
        status("app", &format!("registry.example/payments/{name}:4.{SETS}.0")),
        status("proxy", "registry.example/mesh/proxy:1.30.2"),
    )
}

/// What a deployment is called.
pub fn name(n: usize) -> String {
    format!("svc-{n:03}")
}

fn hash(set: usize) -> String {
    format!("5d4f8c7b9{set}")
}

fn uid(kind: usize, n: usize) -> String {
    format!("{kind:08x}-0000-4000-8000-{n:012x}")
}

fn labels(name: &str, hash: &str) -> String {
    let hash = if hash.is_empty() { String::new() } else { format!(r#","pod-template-hash":"{hash}""#) };
    format!(
        r#"{{"app":"{name}","app.kubernetes.io/name":"{name}","app.kubernetes.io/part-of":"payments","app.kubernetes.io/managed-by":"Helm","team":"checkout"{hash}}}"#
    )
}

/// Two containers with a dozen variables, probes and resources.
fn template(name: &str, set: usize, hash: &str) -> String {
    let env: Vec<String> =
        (0..12).map(|n| format!(r#"{{"name":"SETTING_{n:02}","value":"value {n} of {name}"}}"#)).collect();
    let probe = r#"{"httpGet":{"path":"/ready","port":8080,"scheme":"HTTP"},"timeoutSeconds":1,"periodSeconds":10,"successThreshold":1,"failureThreshold":3}"#;
    format!(
        r#"{{"metadata":{{"labels":{}}},"spec":{{"containers":[{{"name":"app","image":"registry.example/payments/{name}:4.{set}.0","ports":[{{"containerPort":8080,"protocol":"TCP"}}],"env":[{}],"resources":{{"limits":{{"memory":"512Mi"}},"requests":{{"cpu":"250m","memory":"256Mi"}}}},"readinessProbe":{probe},"livenessProbe":{probe},"imagePullPolicy":"IfNotPresent"}},{{"name":"proxy","image":"registry.example/mesh/proxy:1.30.2","resources":{{}},"imagePullPolicy":"IfNotPresent"}}],"restartPolicy":"Always","terminationGracePeriodSeconds":30,"dnsPolicy":"ClusterFirst","schedulerName":"default-scheduler"}}}}"#,
        labels(name, hash),
        env.join(","),
    )
}

/// `managedFields` of about so many bytes.
fn managed(bytes: usize) -> String {
    let mut fields = String::new();
    for n in 0..bytes / 32 {
        write!(fields, r#"{}"f:field-{n:03}":{{".":{{}},"f:x":{{}}}}"#, if n == 0 { "" } else { "," }).unwrap();
    }
    format!(
        r#"[{{"manager":"kube-controller-manager","operation":"Update","apiVersion":"v1","time":"2026-11-20T10:00:00Z","fieldsType":"FieldsV1","fieldsV1":{{{fields}}}}}]"#
    )
}
