"""
One account for each parent, one record for each pupil.

A parent is a name with a phone, or a name with the address and the child's surname when phones differ. A shared phone alone
joins nobody; two people of one name with different phones stay two.
"""

import re

from models import N_, Text

from exchange.intake import values
from exchange.intake.school import Guardian


def one_record_each(pupils, school):
    """
    Drops the second row of a pupil who stands in two classes: the row whose remark tells of the move wins, else a person is
    asked and the first row stays. Returns (kept pupils, {id of a dropped record: kept record}).
    """
    kept, instead = {}, {}
    for pupil in pupils:
        twin = next((other for other in kept.get(values.fold(pupil.name), []) if _same_pupil(other, pupil)), None)
        if twin is None:
            kept.setdefault(values.fold(pupil.name), []).append(pupil)
            continue
        winner, loser = _right_row(twin, pupil, school)
        same_name = kept[values.fold(pupil.name)]
        same_name[same_name.index(twin)] = winner
        instead[id(loser)] = winner
    remaining = {id(pupil) for group in kept.values() for pupil in group}
    return [pupil for pupil in pupils if id(pupil) in remaining], instead


def accounts(adults, instead, school):
    """The guardians of `adults` (full names first, initials after them), each once, linked to their pupils."""
    found = {}
    for adult in sorted(adults, key=lambda adult: values.is_short(adult.name)):
        pupil = _kept(adult.pupil, instead)
        account = _short_account(adult, found, school) if values.is_short(adult.name) else _account(adult, found, school)
        if account is None:
            account = _open(adult, pupil)
            found.setdefault(values.fold(adult.name), []).append(account)
        _join(account, adult, pupil)
    everyone = [account for group in found.values() for account in group]
    _tell_namesakes(found, school)
    _tell_shared_phones(adults, instead, school)
    return everyone


def recognise_staff(guardians, staff, school):
    """A guardian with the name and the phone or e-mail of a member of staff is the same person; a name alone is asked about."""
    by_name = {values.fold(person.name): person for person in staff}
    for guardian in guardians:
        person = by_name.get(values.fold(guardian.name))
        if person is None:
            continue
        reached = person.phone in guardian.phones or person.email and person.email == guardian.email
        if reached or _confirmed(guardian, person, school):
            guardian.staff = person
            school.tell("info", _whole_file(guardian.place), guardian.name,
                        Text(N_("%(name)s works at the school and is a parent: one account with two roles."), name=guardian.name))


def _confirmed(guardian, person, school):
    key = f"staff|{values.fold(guardian.name)}|{'+'.join(guardian.phones)}"
    answer = school.ask(key, Text(N_("Is the parent %(name)s the same person as the member of staff? Their phones differ."),
                                  name=guardian.name),
                        guardian.place, [("same", Text(N_("one person"))), ("other", Text(N_("two people")))])
    if answer is None:
        school.tell("warning", guardian.place, guardian.name,
                    Text(N_("%(name)s: a parent and a member of staff of one name with different phones are kept as two people."),
                         name=guardian.name))
    return answer == "same"


def _same_pupil(one, other):
    if one.file_number and other.file_number:
        return values.fold(one.file_number) == values.fold(other.file_number)
    return one.birth == other.birth if one.birth and other.birth else False


def _right_row(one, other, school):
    for winner, loser in ((one, other), (other, one)):
        if winner.moved_from == loser.class_name or loser.status == "left" and winner.status != "left":
            return _moved(winner, loser, school)
    key = f"pupil|{values.fold(one.name)}|{one.file_number or one.birth}"
    message = Text(N_("%(name)s stands in the lists of %(one)s and %(other)s: in which class is the pupil?"),
                   name=one.name, one=one.class_name, other=other.class_name)
    answer = school.ask(key, message, other.place, [(p.class_name, Text(p.class_name)) for p in (one, other)])
    winner, loser = (other, one) if answer == other.class_name else (one, other)
    if answer is None:
        school.tell("error", loser.place, loser.name,
                    Text(N_("%(name)s stands in the lists of %(one)s and %(other)s: taken into %(one)s until you decide."),
                         name=one.name, one=one.class_name, other=other.class_name))
    return winner, loser


def _moved(winner, loser, school):
    winner.moved_from = winner.moved_from or loser.class_name
    winner.joined = winner.joined or loser.left
    if winner.status == "arrived":
        winner.status = "in"
    school.tell("error", loser.place, loser.name,
                Text(N_("%(name)s (file %(file)s) stands in %(one)s and %(other)s: left in %(one)s by the remark."),
                     name=winner.name, file=winner.file_number or "—", one=winner.class_name, other=loser.class_name))
    return winner, loser


def _kept(pupil, instead):
    while id(pupil) in instead:
        pupil = instead[id(pupil)]
    return pupil


def _open(adult, pupil):
    return Guardian(adult.name, adult.relation, [], None, adult.note, adult.place, address=pupil.address)


def _join(account, adult, pupil):
    account.phones.extend(phone for phone in adult.phones if phone not in account.phones)
    account.email = account.email or adult.email
    account.note = account.note or adult.note
    if pupil not in account.children:
        account.children.append(pupil)
        pupil.guardians.append(account)


def _account(adult, found, school):
    for account in found.get(values.fold(adult.name), []):
        shared = set(adult.phones) & set(account.phones)
        if shared or _same_home(account, adult):
            _tell_spelling(account, adult, school)
            if not shared and adult.phones and account.phones:
                school.tell("warning", adult.phone_place or adult.place, values.text(adult.raw_phone),
                            Text(N_("%(name)s: another phone stands with the second child; taken for one person, please check."),
                                 name=adult.name))
            return account
    return None


def _short_account(adult, found, school):
    for account in (account for group in found.values() for account in group):
        if not values.is_short(account.name) and values.initials(account.name)[0] == values.initials(adult.name)[0] \
                and values.initials(account.name)[1].startswith(values.initials(adult.name)[1]) \
                and (set(adult.phones) & set(account.phones) or not adult.phones and _same_home(account, adult)):
            school.tell("info", adult.place, adult.raw,
                        Text(N_("%(short)s is given by initials and was recognised as %(name)s."), short=adult.name,
                             name=account.name))
            return account
    return None


def _same_home(account, adult):
    address = _address(adult.pupil.address)
    return any(address and address == _address(child.address) and _stem(child.name) == _stem(adult.pupil.name)
               for child in account.children)


def _address(written):
    """`'ул.Луговая, 17'` and `'ул. Луговая, д. 17'` are one address."""
    words = re.findall(r"\w+", values.fold(written))
    return " ".join(word for word in words if word not in _ADDRESS_WORDS)


_ADDRESS_WORDS = {"д", "дом", "ул", "улица", "кв", "квартира", "с", "село", "г", "п", "пос"}


def _stem(full):
    return re.sub(r"(?:ая|яя|ий|ый|ой|а|я)$", "", values.fold(full).split()[0])


def _tell_spelling(account, adult, school):
    """ё and е in one person's name: the spelling with ё stays, the other is told."""
    if account.name == adult.name or account.name.lower().replace("ё", "е") != adult.name.lower().replace("ё", "е"):
        return
    poorer, raw = (adult.place, adult.raw) if account.name.count("ё") >= adult.name.count("ё") else (account.place, account.name)
    account.name = max(account.name, adult.name, key=lambda name: name.count("ё"))
    school.tell("info", poorer, raw, Text(N_("%(name)s: the same parent as the sibling's, е for ё."), name=account.name))


def _tell_namesakes(found, school):
    for group in found.values():
        if len(group) > 1:
            places = "; ".join(f"{account.place.sheet or ''} {account.place.cell}".strip() for account in group)
            school.tell("warning", _whole_file(group[0].place), group[0].name,
                        Text(N_("%(name)s: different people of one name, with other phones, addresses and children (%(places)s)."),
                             name=group[0].name, places=places))


def _tell_shared_phones(adults, instead, school):
    told, by_pupil = set(), {}
    for adult in adults:
        by_pupil.setdefault(id(_kept(adult.pupil, instead)), []).append(adult)
    for parents in by_pupil.values():
        for index, adult in enumerate(parents):
            for other in parents[:index]:
                pair = tuple(sorted((values.fold(adult.name), values.fold(other.name))))
                if set(adult.phones) & set(other.phones) and pair[0] != pair[1] and pair not in told:
                    told.add(pair)
                    school.tell("info", adult.phone_place or adult.place, values.text(adult.raw_phone),
                                Text(N_("%(one)s and %(other)s share a phone: these are two accounts."), one=other.name,
                                     other=adult.name))


def _whole_file(place):
    return type(place)(place.file)
