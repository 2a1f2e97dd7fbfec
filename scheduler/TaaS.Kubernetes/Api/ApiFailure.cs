namespace TaaS.Kubernetes;

/// <summary>Why an API server did not do what it was asked, as far as a caller acts on it.</summary>
public enum ApiFailure
{
    /// <summary>The object has changed since it was read (409 Conflict), or a precondition does not hold.</summary>
    Conflict,

    /// <summary>An object of this name is there already (409 AlreadyExists).</summary>
    AlreadyExists,

    /// <summary>No such object or kind (404).</summary>
    NotFound,

    /// <summary>The version that a watch or a list was to go on from is no longer kept (410).</summary>
    Gone,

    /// <summary>The object breaks a rule of the server or of a webhook (400, 405, 413, 415, 422).</summary>
    Invalid,

    /// <summary>Not allowed to (403).</summary>
    Forbidden,

    /// <summary>The credentials are missing, wrong or have expired (401).</summary>
    Unauthorized,

    /// <summary>No answer, or one that says to try again (429, 5xx): the request may or may not have been carried out.</summary>
    Transient,
}
