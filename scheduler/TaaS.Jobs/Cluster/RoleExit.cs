namespace TaaS.Jobs;

/// <summary>Exit statuses of a role by which whoever started it knows what to do next.</summary>
public static class RoleExit
{
    /// <summary>The job file, the command line or the role's place is wrong: it would end the same way however often it is started.</summary>
    public const int Usage = 2;
}
