namespace DeviceMqtt.Gateway.Web;

/// <summary>Marks an end point of the API with statuses of errors that it may answer with, beside those that follow from its parameters, its body and its role. For openapi.json.</summary>
internal sealed class MayFail(params int[] statuses)
{
    public static readonly MayFail Nothing = new();

    /// <summary>The change may find no room on the disk.</summary>
    public static readonly MayFail Durably = new(StatusCodes.Status507InsufficientStorage);

    /// <summary>What is named in the query may not be there.</summary>
    public static readonly MayFail Named = new(StatusCodes.Status404NotFound);

    /// <summary>What is named in the query may not be there, and the change may find no room on the disk.</summary>
    public static readonly MayFail DurablyNamed = new(StatusCodes.Status404NotFound, StatusCodes.Status507InsufficientStorage);

    public bool Has(int status) => statuses.Contains(status);
}
