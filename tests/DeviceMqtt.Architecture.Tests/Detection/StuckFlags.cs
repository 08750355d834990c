using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace DeviceMqtt.Architecture.Tests;

/// <summary>
/// Finds what is set, and reset by a later statement of the same block: what throws in between leaves it set for ever. A reset in a <c>finally</c> is in another block. Both forms are seen that the
/// gateway has: an assignment, and <c>Interlocked.Exchange</c> or <c>Volatile.Write</c> of 1 and 0; and a counter that goes up and down.
/// </summary>
internal static class StuckFlags
{
    public static IEnumerable<string> Find(string source)
    {
        foreach (BlockSyntax block in CSharpSyntaxTree.ParseText(source).GetRoot().DescendantNodes().OfType<BlockSyntax>())
            for (int i = 0; i < block.Statements.Count; i++)
                if (ChangeOf(block.Statements[i]) is (string set, true) && HasReset(block.Statements, i, set))
                    yield return $"{set} in line {block.Statements[i].GetLocation().GetLineSpan().StartLinePosition.Line + 1}";
    }

    // With nothing in between nothing throws.
    private static bool HasReset(SyntaxList<StatementSyntax> statements, int set, string what) =>
        statements.Skip(set + 2).Any(statement => ChangeOf(statement) is (string reset, false) && reset == what);

    private static (string What, bool IsSet)? ChangeOf(StatementSyntax statement)
    {
        if (statement is not ExpressionStatementSyntax { Expression: ExpressionSyntax expression })
            return null;
        if (expression is AssignmentExpressionSyntax { Left: IdentifierNameSyntax { Identifier.Text: "_" }, Right: ExpressionSyntax discarded })
            expression = discarded;
        return expression switch
        {
            AssignmentExpressionSyntax { Left: { } left, Right: LiteralExpressionSyntax value } when ValueOf(value) is { } isSet && IsField(left.ToString()) => (left.ToString(), isSet),
            PostfixUnaryExpressionSyntax counter when counter.Kind() is SyntaxKind.PostIncrementExpression or SyntaxKind.PostDecrementExpression && IsField(counter.Operand.ToString()) =>
                (counter.Operand.ToString(), counter.IsKind(SyntaxKind.PostIncrementExpression)),
            InvocationExpressionSyntax { ArgumentList.Arguments: [{ RefKindKeyword.RawKind: (int)SyntaxKind.RefKeyword } what, { Expression: LiteralExpressionSyntax value }] } call
                when call.Expression.ToString() is "Interlocked.Exchange" or "Volatile.Write" && ValueOf(value) is { } isSet => (what.Expression.ToString(), isSet),
            _ => null,
        };
    }

    // A local goes with the method that throws.
    private static bool IsField(string what) => what.StartsWith('_') || what.Contains('.', StringComparison.Ordinal) || char.IsUpper(what[0]);

    private static bool? ValueOf(LiteralExpressionSyntax value) => value.Token.Text switch
    {
        "true" or "1" => true,
        "false" or "0" => false,
        _ => null,
    };
}
