namespace DeviceMqtt.Broker.Words;

/// <summary>A user, told apart from one of the same name that was there before it.</summary>
/// <param name="Name">Its name; null for a client without a user, and where nobody knows.</param>
/// <param name="Id">Which user of that name (<see cref="Ports.Admission.UserId"/>); 0 where the name is all that there is.</param>
internal readonly record struct UserIdentity(string? Name, long Id = 0)
{
    /// <summary>It is a known user, and not that one: what it has is nothing for that one. One whose name is all that there is is everybody of that name: settings may have taken a user over.</summary>
    public bool IsOther(in UserIdentity than) => Name is not null && (Name != than.Name || (than.Id != 0 && than.Id != Id));
}
