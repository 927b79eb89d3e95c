//! Kinds to the resources that the API server knows them by.

/// A resource as admission rules name it.
#[derive(Debug)]
pub(super) struct Resource {
    kind: &'static str,
    pub(super) group: &'static str,
    pub(super) version: &'static str,
    pub(super) name: &'static str,
}

const fn known(kind: &'static str, group: &'static str, version: &'static str, name: &'static str) -> Resource {
    Resource { kind, group, version, name }
}

/// The resource of a kind that every cluster has; nothing for others.
pub(super) fn resource(kind: &str) -> Option<&'static Resource> {
    RESOURCES.iter().find(|resource| resource.kind == kind)
}

const ADMISSION: &str = "admissionregistration.k8s.io";
const NETWORKING: &str = "networking.k8s.io";
const RBAC: &str = "rbac.authorization.k8s.io";
const STORAGE: &str = "storage.k8s.io";

const RESOURCES: &[Resource] = &[
    known("ConfigMap", "", "v1", "configmaps"),
    known("Endpoints", "", "v1", "endpoints"),
    known("LimitRange", "", "v1", "limitranges"),
    known("Namespace", "", "v1", "namespaces"),
    known("Node", "", "v1", "nodes"),
    known("PersistentVolume", "", "v1", "persistentvolumes"),
    known("PersistentVolumeClaim", "", "v1", "persistentvolumeclaims"),
    known("Pod", "", "v1", "pods"),
    known("PodTemplate", "", "v1", "podtemplates"),
    known("ReplicationController", "", "v1", "replicationcontrollers"),
    known("ResourceQuota", "", "v1", "resourcequotas"),
    known("Secret", "", "v1", "secrets"),
    known("Service", "", "v1", "services"),
    known("ServiceAccount", "", "v1", "serviceaccounts"),
    known("DaemonSet", "apps", "v1", "daemonsets"),
    known("Deployment", "apps", "v1", "deployments"),
    known("ReplicaSet", "apps", "v1", "replicasets"),
    known("StatefulSet", "apps", "v1", "statefulsets"),
    known("CronJob", "batch", "v1", "cronjobs"),
    known("Job", "batch", "v1", "jobs"),
    known("HorizontalPodAutoscaler", "autoscaling", "v2", "horizontalpodautoscalers"),
    known("PodDisruptionBudget", "policy", "v1", "poddisruptionbudgets"),
    known("MutatingWebhookConfiguration", ADMISSION, "v1", "mutatingwebhookconfigurations"),
    known("ValidatingWebhookConfiguration", ADMISSION, "v1", "validatingwebhookconfigurations"),
    known("CustomResourceDefinition", "apiextensions.k8s.io", "v1", "customresourcedefinitions"),
    known("APIService", "apiregistration.k8s.io", "v1", "apiservices"),
    known("EndpointSlice", "discovery.k8s.io", "v1", "endpointslices"),
    known("Ingress", NETWORKING, "v1", "ingresses"),
    known("IngressClass", NETWORKING, "v1", "ingressclasses"),
    known("NetworkPolicy", NETWORKING, "v1", "networkpolicies"),
    known("RuntimeClass", "node.k8s.io", "v1", "runtimeclasses"),
    known("ClusterRole", RBAC, "v1", "clusterroles"),
    known("ClusterRoleBinding", RBAC, "v1", "clusterrolebindings"),
    known("Role", RBAC, "v1", "roles"),
    known("RoleBinding", RBAC, "v1", "rolebindings"),
    known("PriorityClass", "scheduling.k8s.io", "v1", "priorityclasses"),
    known("CSIDriver", STORAGE, "v1", "csidrivers"),
    known("StorageClass", STORAGE, "v1", "storageclasses"),
    known("VolumeAttachment", STORAGE, "v1", "volumeattachments"),
];
