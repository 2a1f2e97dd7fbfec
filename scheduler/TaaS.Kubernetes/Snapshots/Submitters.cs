using TaaS.Jobs;
using TaaS.Scheduling.Model;

namespace TaaS.Kubernetes;

/// <summary>Who submitted a job, as the admission webhook noted it.</summary>
public static class Submitters
{
    /// <summary>Annotation: name of the user.</summary>
    public const string UserAnnotation = TrainingJob.Group + "/user";

    /// <summary>Annotation: groups of the user, parted by commas.</summary>
    public const string GroupsAnnotation = TrainingJob.Group + "/groups";

    /// <summary>Namespace, and user and groups where they were noted.</summary>
    public static Submitter Of(TrainingJobResource resource)
    {
        var annotations = resource.Metadata.Annotations ?? new Dictionary<string, string>();
        return new Submitter(
            resource.Metadata.NamespaceProperty,
            annotations.TryGetValue(UserAnnotation, out var user) ? user : null,
            annotations.TryGetValue(GroupsAnnotation, out var groups) ? groups.Split(',', StringSplitOptions.RemoveEmptyEntries) : []);
    }
}
