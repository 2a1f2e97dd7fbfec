using k8s.Models;

namespace TaaS.Kubernetes;

/// <summary>To which job an object belongs: owner references tell, not names or labels.</summary>
internal static class Ownership
{
    /// <summary>Is the job of this UID among the object's owners?</summary>
    public static bool BelongsTo(this V1ObjectMeta metadata, string uid)
    {
        // Asked of every pod of a cluster in every pass: no closure.
        for (var at = 0; at < metadata.OwnerReferences?.Count; at++)
        {
            if (metadata.OwnerReferences[at].Uid == uid)
            {
                return true;
            }
        }

        return false;
    }
}
