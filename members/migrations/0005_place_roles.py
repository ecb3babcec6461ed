from django.db import migrations


def place_roles(apps, schema_editor):
    """Assign every role to the negotiations in which it has been effective until now, and print the result.

    A delegate's role was effective in every negotiation in which the member has ever taken part. The roles of the
    secretariat and of analysts were effective in all negotiations. Each role becomes one row for each such negotiation,
    so that no user loses a right. The secretariat can then end roles that are no longer needed.
    """
    using = schema_editor.connection.alias
    negotiations = list(apps.get_model("issues", "Negotiation").objects.using(using).order_by("-is_default", "pk"))
    if not negotiations:
        return
    taking_part = {}
    for member, negotiation in apps.get_model("issues", "Participation").objects.using(using).values_list(
        "member", "negotiation"
    ):
        taking_part.setdefault(member, set()).add(negotiation)

    def places_of(row):
        if row.role != "delegate":
            return negotiations
        own = taking_part.get(row.member_id, set())
        return [negotiation for negotiation in negotiations if negotiation.pk in own] or negotiations[:1]

    delegations = apps.get_model("members", "Delegation").objects.using(using)
    for row in delegations.filter(negotiation=None).order_by("pk"):
        first, *others = places_of(row)
        delegations.filter(pk=row.pk).update(negotiation=first)
        for negotiation in others:
            delegations.create(
                user_id=row.user_id,
                member_id=row.member_id,
                role=row.role,
                since=row.since,
                until=row.until,
                negotiation=negotiation,
            )
        places = ", ".join(negotiation.slug for negotiation in (first, *others))
        print(f"  Delegation {row.pk}, {row.role} since {row.since}: held in {places}")
    invitations = apps.get_model("members", "Invitation").objects.using(using)
    for row in invitations.filter(negotiation=None).order_by("pk"):
        invitations.filter(pk=row.pk).update(negotiation=places_of(row)[0])


class Migration(migrations.Migration):

    dependencies = [
        ("issues", "0009_find_proposals_of_documents"),
        ("members", "0004_roles_in_negotiations"),
    ]

    operations = [migrations.RunPython(place_roles, migrations.RunPython.noop)]
