using DeviceMqtt.Broker.Grounds;
using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Lifecycle;

/// <summary>
/// Users or rights have changed: looks through all Sessions, over as many turns as it takes. A client that would not be let in as it is any
/// more is disconnected, and has to come again; the Session of an absent client whose user is gone ends. Owned by the turn.
/// </summary>
internal sealed class AccessReview(Ground ground, SessionTable table, SessionRegistry registry) : IJob
{
    private Session[] _sessions = [];
    private int _next;

    /// <inheritdoc/>
    public bool Writes => true;

    /// <summary>Begins, or begins anew: what changed since may be about those that were looked at already.</summary>
    public void Begin()
    {
        _sessions = [.. table.All];
        _next = 0;
        ground.Turn.Jobs.Start(this);
    }

    public bool Run(Turn turn)
    {
        for (; _next < _sessions.Length; _next++)
        {
            if (turn.IsSliceOver)
                return false;
            Look(_sessions[_next]);
        }

        _sessions = [];
        return true;
    }

    private static string WhyNot(string? user) => string.IsNullOrEmpty(user) ? "users have changed, and a client without a user is not let in as it was" : $"user '{user}' was changed or removed";

    private void Look(Session session)
    {
        if (table.Find(session.ClientId) != session)
            return; // it has ended meanwhile
        if (session.Connection is { } connection)
        {
            if (session.Rights is { IsCurrent: false })
                connection.Close(CloseReason.RightsChanged, WhyNot(session.UserName), ReasonCode.AdministrativeAction);
        }
        else if (session.UserName is not null && ground.Access.Recall(session.ClientId, session.UserName, session.Identity.Role).Refusal is not null)
        {
            registry.End(session).ForNobody(); // where there is no room it stays until its time is over: nobody else gets it
        }
    }
}
